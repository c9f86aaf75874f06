#!/usr/bin/env bash
# Makes a class archive while nobody waits for it: scripts/make-class-archive.sh ARCHIVE JAVA [OPTION]...
# A job that found none starts it when it is done (class-archive.sh says how, and what the options are). It takes what
# processors and disks nobody else wants. A rehearsal of the jobs loads the classes. Where that fails, ARCHIVE.failed says
# why, and is tried again a day later.
set -euo pipefail

# The newest archives stay; each has 200 MB.
readonly ARCHIVES_KEPT=3

main() {
    local archive=$1 folder=${1%/*}
    shift
    stand_back
    exec 9>"$folder/lock"
    if ! flock --timeout 5 9 || [[ -f $archive ]]; then
        return
    fi
    # what a machine left that was shut down in the middle
    rm -rf "$folder"/*.part "$folder"/*.log "$folder/rehearsal"
    mkdir -m 700 "$folder/rehearsal"
    if rehearse "$archive.part" "$@" >"$archive.log" 2>&1 && [[ -s $archive.part ]]; then
        mv "$archive.part" "$archive"
        rm -f "$archive.log" "$archive.failed"
    else
        mv "$archive.log" "$archive.failed"
    fi
    rm -rf "$folder"/*.part "$folder/rehearsal"
    find "$folder" -name '*.jsa' -printf '%T@ %p\0' | sort -z -n -r | cut -z -d ' ' -f 2- |
        tail -z -n +$((ARCHIVES_KEPT + 1)) | xargs -0 -r rm -f
}

stand_back() {
    renice -n 19 -p $$ || true
    ionice -c 3 -p $$ || true
    chrt --idle --pid 0 $$ || true
} >/dev/null 2>&1

# rehearse ARCHIVE JAVA [OPTION]...: a little of every job on the CPU, with no setting of the user's.
rehearse() {
    local folder=${1%/*}
    env -u SPARK_SUBMIT_OPTS -u PAGED_ATTENTION_ARCHIVE_MAKER SPARK_CONF_DIR="$folder" SPARK_LOCAL_IP=127.0.0.1 \
        "${@:2}" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "-XX:ArchiveClassesAtExit=$1" \
        "-Djava.io.tmpdir=$folder/rehearsal" "-Dlog4j2.configurationFile=${BASH_SOURCE[0]%/*}/../conf/log4j2.properties" \
        org.apache.spark.deploy.SparkSubmit --master 'local[2]' --conf spark.ui.enabled=false \
        --class org.pagedattention.jobs.Main spark-internal rehearse
}

main "$@"
