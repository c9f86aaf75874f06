# shellcheck shell=bash
# Sourced by submit.sh. With a class archive Java maps the classes of Spark and of our jobs from one file, where otherwise
# every process finds, checks and links ten thousand of them anew. An archive is made once for a Java and a class path, by
# a rehearsal of the jobs, in a folder that no other user can open. Java compares it with itself and with every jar, and
# does without one that does not match.

# The newest archives stay; each has 200 MB.
readonly ARCHIVES_KEPT=3

# archive_classes WORD...: fills "command" with the words of a Java command, and what makes it use an archive.
# PAGED_ATTENTION_CLASS_ARCHIVE=off leaves that out.
archive_classes() {
    command=("$@")
    if [[ ${PAGED_ATTENTION_CLASS_ARCHIVE:-} == off || " $* " == *" -Xshare:"* || $* == *-XX:SharedArchiveFile* ]]; then
        return
    fi
    local folder name at path behind
    split_class_path
    if [[ $path == *'/*' ]] && folder=$(own_folder classes) && name=$(archive_name) && make_archive "$folder" "$folder/$name.jsa"; then
        command[at]=$path$behind
        share_with_executors "$folder/$name.jsa"
        command=("${command[0]}" "-XX:SharedArchiveFile=$folder/$name.jsa" '-Xlog:cds*=off,class+path=off' "${command[@]:1}")
    fi
}

# share_with_executors ARCHIVE: for those of this machine (scripts/cluster.sh), whose class path begins as the driver's.
share_with_executors() {
    local word
    if [[ ${master:-} == spark://127.0.0.1:* ]]; then
        for ((word = 1; word < ${#command[@]}; word++)); do
            if [[ ${command[word]} == spark.executor.defaultJavaOptions=* ]]; then
                command[word]+=" \"-XX:SharedArchiveFile=$1\" -Xlog:cds*=off,class+path=off"
            fi
        done
    fi
}

# Fills "at" with the place of the class path in "command", "path" with the jars at its beginning, which an archive can
# hold, and "behind" with the rest: folders of settings. Ours comes first there.
split_class_path() {
    local entry
    for ((at = 1; at < ${#command[@]}; at++)); do
        if [[ ${command[at - 1]} == -cp ]]; then
            break
        fi
    done
    path='' behind=:$conf_dir/
    while IFS= read -r -d : entry; do
        if [[ $entry == "$conf_dir/" ]]; then
            continue
        elif [[ $behind == ":$conf_dir/" && ! -d $entry ]]; then
            path+=${path:+:}$entry
        else
            behind+=:$entry
        fi
    done <<<"${command[at]}:"
}

# own_folder NAME: makes and prints a folder of this user's, which no other user can open. Java's side is UserFolder.
own_folder() {
    local folder place=${PAGED_ATTENTION_CACHE:-${XDG_CACHE_HOME:-${HOME:-}/.cache}/paged-attention}
    mkdir -p "$(dirname "$place")" 2>/dev/null || return 1
    for folder in "$place" "$place/$1"; do
        mkdir -m 700 "$folder" 2>/dev/null || true
        [[ -d $folder && ! -L $folder && -O $folder && $(stat -c %a "$folder") == 700 ]] || return 1
    done
    printf '%s' "$folder"
}

# Tells one Java and class path from another, and heaps whose references take eight bytes from others.
archive_name() {
    local java entry files=()
    java=$(readlink -f "${command[0]}") && files=("$java" "${java%/bin/java}/lib/modules") || return 1
    while IFS= read -r -d : entry; do
        if [[ $entry == *'/*' ]]; then
            files+=("${entry%\*}"*.jar)
        elif [[ -e $entry ]]; then
            files+=("$entry")
        fi
    done <<<"$path:"
    { stat -L -c '%n %s %Y %i' "${files[@]}" && wide_references; } 2>/dev/null | sha256sum | cut -c 1-16
}

# Says so of a heap of 32 GiB or more.
wide_references() {
    local word
    for word in "${command[@]}"; do
        if [[ $word =~ ^-Xmx([0-9]+)([kKmMgGtT]?)$ ]]; then
            case ${BASH_REMATCH[2]} in
                [tT]) echo wide ;;
                [gG]) ((BASH_REMATCH[1] < 32)) || echo wide ;;
                [mM]) ((BASH_REMATCH[1] < 32 << 10)) || echo wide ;;
            esac
        fi
    done
}

# make_archive FOLDER ARCHIVE: rehearses the jobs, unless the archive is there; fails where another process is at it, or
# where it did not work once.
make_archive() {
    local part=$2.part
    if [[ -f $2 ]]; then
        return
    fi
    if [[ -f $2.failed ]]; then
        return 1
    fi
    (
        flock --nonblock 9 || exit 1
        echo "Preparing a class archive, so that jobs start faster; this happens once." >&2
        if rehearse "$part" >"$2.log" 2>&1 && [[ -s $part ]]; then
            mv "$part" "$2"
            rm -f "$2.log"
        else
            rm -f "$part"
            mv "$2.log" "$2.failed"
            echo "There is no class archive: $2.failed says why." >&2
            exit 1
        fi
        find "$1" -name '*.jsa' -printf '%T@ %p\0' | sort -z -n -r | cut -z -d ' ' -f 2- | tail -z -n +$((ARCHIVES_KEPT + 1)) | xargs -0 -r rm -f
    ) 9>"$1/lock"
}

# rehearse ARCHIVE: a little of every job on the CPU, with the settings that change classes or how they lie, and no others.
rehearse() {
    local word words=()
    for word in "${command[@]}"; do
        if [[ $word == --* || $word == -Xmx* || $word == -XX:+IgnoreUnrecognizedVMOptions ]]; then
            words+=("$word")
        elif [[ $word == org.apache.spark.deploy.SparkSubmit ]]; then
            break
        fi
    done
    env -u SPARK_SUBMIT_OPTS SPARK_CONF_DIR="${1%/*}" SPARK_LOCAL_IP=127.0.0.1 \
        "${command[0]}" -cp "$path" "${words[@]}" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
        "-XX:ArchiveClassesAtExit=$1" "-Dlog4j2.configurationFile=$PROJECT_ROOT/conf/log4j2.properties" \
        org.apache.spark.deploy.SparkSubmit --master 'local[2]' --conf spark.ui.enabled=false \
        --class org.pagedattention.jobs.Main spark-internal rehearse
}
