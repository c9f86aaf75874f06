#!/usr/bin/env bash
# Runs a job: scripts/submit.sh JOB [job options] [spark-submit options]
#
# JOB ... --then JOB ... runs several in one process, one after the other, as long as none fails.
# Options of spark-submit (the list below) may stand anywhere; everything else goes to the job, and so does all that
# follows a "--". Uses SPARK_HOME where it is set, otherwise the Spark that the build assembles. The exit status is the
# job's: 0 done, 1 failed, 2 wrong usage.
set -euo pipefail
# for bench start; some languages write a comma
PAGED_ATTENTION_COMMAND_START=${EPOCHREALTIME:-}
export PAGED_ATTENTION_COMMAND_START=${PAGED_ATTENTION_COMMAND_START/,/.}

source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$PROJECT_ROOT/scripts/class-archive.sh"

main() {
    separate_options "$@"
    build_if_needed
    home=${SPARK_HOME:-$(assembled_spark_home)}
    if ! compgen -G "$home/jars/spark-core_*.jar" >/dev/null; then
        echo "submit.sh: SPARK_HOME is $home, which holds no Spark: set it to a Spark distribution, or unset it" >&2
        exit 2
    fi
    conf_dir=${SPARK_CONF_DIR:-$(default_conf_dir)}

    speak_utf8
    fill_in_master
    if [[ $master == local* ]]; then
        settle_for_local_mode
    fi
    choose_collector
    quieten_logging

    add_our_jars
    local arguments=(${spark_options[@]+"${spark_options[@]}"}
        --class org.pagedattention.jobs.Main "$main_jar" ${job_options[@]+"${job_options[@]}"})
    if [[ -x $home/bin/spark-submit ]]; then
        exec "$home/bin/spark-submit" "${arguments[@]}"
    fi
    submit_without_distribution "${arguments[@]}"
}

# Fills spark_options, job_options, extra_jars, class_path, given_confs and properties_file.
separate_options() {
    spark_options=() job_options=() given_confs=() extra_jars='' class_path='' properties_file=''
    local option value
    while (($# > 0)); do
        option=${1%%=*}
        case $option in
            --)
                shift
                job_options+=("$@")
                return
                ;;
            --master | --deploy-mode | --name | --conf | --properties-file | --jars | --packages | --files | --archives | \
                --repositories | --exclude-packages | --queue | --principal | --keytab | --proxy-user | \
                --driver-memory | --driver-cores | --driver-java-options | --driver-library-path | --driver-class-path | \
                --executor-memory | --executor-cores | --total-executor-cores | --num-executors)
                if [[ $1 == *=* ]]; then
                    value=${1#*=}
                elif (($# > 1)); then
                    value=$2
                    shift
                else
                    echo "submit.sh: $option needs a value" >&2
                    exit 2
                fi
                add_spark_option "$option" "$value"
                ;;
            *) job_options+=("$1") ;;
        esac
        shift
    done
}

add_spark_option() {
    case $1 in
        --jars)
            extra_jars+=${extra_jars:+,}$2
            return
            ;;
        --driver-class-path)
            class_path=$2
            return
            ;;
        --deploy-mode) given_confs+=("spark.submit.deployMode=$2") ;;
        --conf) given_confs+=("$2") ;;
        --master) given_confs+=("spark.master=$2") ;;
        --driver-java-options) given_confs+=("spark.driver.extraJavaOptions=$2") ;;
        --properties-file) properties_file=$2 ;;
    esac
    spark_options+=("$1" "$2")
}

# With a Spark of the user's own, its own conf directory counts; otherwise ours.
default_conf_dir() {
    printf '%s' "${SPARK_HOME:-$PROJECT_ROOT}/conf"
}

# configured KEY: the value that the options or the properties file give to KEY; fails where neither does.
configured() {
    local entry found='' file=${properties_file:-$conf_dir/spark-defaults.conf}
    for entry in ${given_confs[@]+"${given_confs[@]}"}; do
        if [[ $entry == "$1="* ]]; then
            found=${entry#*=}
        fi
    done
    if [[ -z $found && -f $file ]]; then
        found=$(awk -v key="$1" '
            { sub(/^[ \t]+/, ""); end = match($0, /[ \t=:]/) }
            end && substr($0, 1, end - 1) == key { value = substr($0, end); sub(/^[ \t]*[=:]?[ \t]*/, "", value) }
            END { print value }' "$file")
    fi
    [[ -n $found ]] && printf '%s' "$found"
}

# Where nobody set a locale (cron, containers), Java can say ASCII names alone, and Spark would not see other files.
speak_utf8() {
    local name
    case ${LC_ALL:-${LC_CTYPE:-${LANG:-}}} in
        '' | C | POSIX)
            name=$(locale -a 2>/dev/null | grep -ixE 'C\.utf-?8|en_US\.utf-?8' | sort | head -n 1) || return 0
            export LC_ALL=$name
            ;;
    esac
}

fill_in_master() {
    if ! master=$(configured spark.master); then
        master='local[*]'
        spark_options+=(--master "$master")
    fi
}

# Adds our jars to spark_options, and fills main_jar. A driver of this process has them in its own class path, where a
# class archive holds them too; and where it is the executor, Spark need not copy hundreds of megabytes to it.
add_our_jars() {
    local ours shipped
    ours=$(plugin_jar):$(jobs_jar)$(bundled_cudf :)
    shipped=$(plugin_jar)$(bundled_cudf ,)
    main_jar=$(jobs_jar)
    if [[ $(configured spark.submit.deployMode) == cluster ]]; then
        ours=''
    elif [[ $master == local || $master == local\[* ]]; then
        shipped='' main_jar=spark-internal
    fi
    class_path=${class_path:-$(configured spark.driver.extraClassPath || true)}
    if [[ -n $ours$class_path ]]; then
        spark_options+=(--driver-class-path "$ours${ours:+${class_path:+:}}$class_path")
    fi
    # What a class archive holds has to be in the class path of executors too; where a path leads nowhere, nothing is lost.
    if [[ $master == spark://127.0.0.1:* ]] && ! configured spark.executor.extraClassPath >/dev/null; then
        spark_options+=(--conf "spark.executor.extraClassPath=$ours${ours:+${class_path:+:}}$class_path")
    fi
    if [[ -n $shipped$extra_jars ]]; then
        spark_options+=(--jars "$shipped${shipped:+${extra_jars:+,}}$extra_jars")
    fi
}

settle_for_local_mode() {
    if ! configured spark.ui.enabled >/dev/null; then
        spark_options+=(--conf spark.ui.enabled=false)
    fi
    export SPARK_LOCAL_IP=${SPARK_LOCAL_IP:-127.0.0.1}
    # What cuDF's memory says of a request that it cannot meet comes as an exception too, or is met by other memory.
    export RMM_DEBUG_LOG_FILE=${RMM_DEBUG_LOG_FILE:-/dev/null}
}

# Tensor rows are large arrays, which G1 never moves: a small heap ends up in pieces too short for the next row.
choose_collector() {
    local side
    for side in driver executor; do
        if ! configured "spark.$side.defaultJavaOptions" >/dev/null && ! names_collector "$side"; then
            spark_options+=(--conf "spark.$side.defaultJavaOptions=-XX:+UseParallelGC")
        fi
    done
}

# names_collector SIDE: whether the user's own JVM options choose one; a JVM refuses two.
names_collector() {
    [[ $(configured "spark.$1.extraJavaOptions") =~ -XX:\+Use[A-Za-z0-9]*GC ]]
}

# Our log4j2.properties, unless Spark's conf directory has one (ours does) or the user names another.
quieten_logging() {
    if [[ ! -f $conf_dir/log4j2.properties && ${SPARK_SUBMIT_OPTS:-} != *log4j* ]]; then
        export SPARK_SUBMIT_OPTS="${SPARK_SUBMIT_OPTS:-} \"-Dlog4j2.configurationFile=$PROJECT_ROOT/conf/log4j2.properties\""
    fi
}

# What bin/spark-submit does: Spark's launcher works out the JVM's command, NUL-separated behind a line that holds one
# NUL, so that memory and JVM options count before the JVM starts.
submit_without_distribution() {
    export SPARK_HOME=$home SPARK_CONF_DIR=$conf_dir SPARK_SCALA_VERSION=2.13
    local command=() launcher word status
    while IFS= read -r -d '' word; do
        command+=("$word")
    done < <(
        # it needs none of the other jars, and opening them takes most of its time
        launcher=("$home"/jars/spark-launcher_*.jar)
        "$(java_command)" -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "${launcher[0]}" \
            org.apache.spark.launcher.Main org.apache.spark.deploy.SparkSubmit "$@" && status=0 || status=$?
        printf '%d\0' "$status"
    )
    local last=$((${#command[@]} - 1))
    status=${command[last]}
    if ((status != 0)); then
        exit "$status"
    fi
    command=("${command[@]:1:last-1}")
    command[0]=${command[0]#$'\n'}
    if [[ $(configured spark.submit.deployMode) != cluster ]]; then
        archive_classes "${command[@]}"
    fi
    exec "${command[@]}"
}

main "$@"
