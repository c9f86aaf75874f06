#!/usr/bin/env bash
# A standalone Spark cluster on this machine, reachable from this machine only.
#   scripts/cluster.sh start [--workers N] [--cores C] [--memory M] [--gpus LISTS] [--hosts NAMES] [--port P] [--dir D]
#   scripts/cluster.sh status [--dir D]
#   scripts/cluster.sh stop [--dir D]
# LISTS names the GPUs of each worker: "0;1" for two workers with a GPU each, "0,1;2,3" for two with two each. Without
# it workers have no GPU. NAMES are what workers call this machine: "127.0.0.1;localhost" makes Spark take two workers for
# two machines, without which it never runs a task twice for speculation. "start" returns when all workers are
# registered, and prints the master's URL last. Logs and executors' folders lie in D (default: a folder of yours in the
# temporary folder).
# Uses SPARK_HOME where it is set, otherwise the Spark that the build assembles.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

readonly PATIENCE_SECONDS=60

main() {
    local action=${1:-}
    parse_options "${@:2}"
    case $action in
        start) start ;;
        stop) stop ;;
        status) status ;;
        *) wrong_usage "say start, stop or status" ;;
    esac
}

wrong_usage() {
    echo "cluster.sh: $1" >&2
    sed -n '3,5s/^# *//p' "${BASH_SOURCE[0]}" >&2
    exit 2
}

# Fills workers, cores, memory, gpu_lists, port and dir.
parse_options() {
    workers='' cores=1 memory=1g gpu_lists=() hosts=() port=7077
    dir=${TMPDIR:-/tmp}/paged-attention-cluster-$(id -u)
    while (($# > 0)); do
        (($# > 1)) || wrong_usage "$1 needs a value"
        case $1 in
            --workers) workers=$2 ;;
            --cores) cores=$2 ;;
            --memory) memory=$2 ;;
            --gpus) IFS=';' read -r -a gpu_lists <<<"$2" ;;
            --hosts) IFS=';' read -r -a hosts <<<"$2" ;;
            --port) port=$2 ;;
            --dir) dir=$2 ;;
            *) wrong_usage "$1 is not known" ;;
        esac
        shift 2
    done
    if [[ -z $workers ]]; then
        workers=$((${#gpu_lists[@]} > 0 ? ${#gpu_lists[@]} : 1))
    fi
    [[ $workers =~ ^[1-9][0-9]*$ ]] || wrong_usage "--workers $workers is not a number above 0"
    if ((${#gpu_lists[@]} > 0 && ${#gpu_lists[@]} != workers)); then
        wrong_usage "--gpus has ${#gpu_lists[@]} lists for $workers workers: separate lists with ';', one for each"
    fi
    if ((${#hosts[@]} > 0 && ${#hosts[@]} != workers)); then
        wrong_usage "--hosts has ${#hosts[@]} names for $workers workers: separate names with ';', one for each"
    fi
}

start() {
    if running master >/dev/null; then
        echo "cluster.sh: a cluster runs already at $(<"$dir/url"): stop it first, or give --dir another folder" >&2
        exit 1
    fi
    if [[ -z ${SPARK_HOME:-} ]]; then
        build_if_needed
        export SPARK_HOME
        SPARK_HOME=$(assembled_spark_home)
    fi
    # the worker's launcher would look for it in a Spark build otherwise, and start no executor
    export SPARK_SCALA_VERSION=2.13 SPARK_LOCAL_IP=127.0.0.1
    mkdir -p -m 700 "$dir"
    if [[ ! -O $dir ]]; then
        echo "cluster.sh: $dir belongs to another user: give --dir a folder of your own" >&2
        exit 1
    fi
    # what an earlier cluster left behind: workers whose master died, and notes of processes long gone
    stop
    rm -f "$dir"/*.log

    if ! come_up; then
        stop
        exit 1
    fi
    status
}

come_up() {
    local url worker
    launch master org.apache.spark.deploy.master.Master --host 127.0.0.1 --port "$port" --webui-port 0
    url=$(await master 's/.*Starting Spark master at \(spark:[^ ]*\).*/\1/p') || return 1
    echo "$url" >"$dir/url"
    for ((worker = 1; worker <= workers; worker++)); do
        start_worker "$worker" "$url"
    done
    for ((worker = 1; worker <= workers; worker++)); do
        await "worker-$worker" 's/.*Successfully registered with master.*/yes/p' >/dev/null || return 1
    done
}

start_worker() {
    local name=worker-$1 list=${gpu_lists[$1 - 1]-} java_options=()
    if [[ -n $list ]]; then
        printf '[{"id": {"componentName": "spark.worker", "resourceName": "gpu"}, "addresses": ["%s"]}]\n' \
            "${list//,/\", \"}" >"$dir/$name.gpus.json"
        java_options=("-Dspark.worker.resourcesFile=$dir/$name.gpus.json")
    fi
    launch "$name" ${java_options[@]+"${java_options[@]}"} org.apache.spark.deploy.worker.Worker \
        --host "${hosts[$1 - 1]:-127.0.0.1}" --webui-port 0 \
        --cores "$cores" --memory "$memory" --work-dir "$dir/$name" "$2"
}

# launch NAME [java options] CLASS [arguments]: starts a daemon that outlives this script.
launch() {
    local name=$1 options=()
    shift
    while [[ $1 == -* ]]; do
        options+=("$1")
        shift
    done
    : >"$dir/$name.log"
    nohup "$(java_command)" -Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 ${options[@]+"${options[@]}"} -cp "$SPARK_HOME/jars/*" \
        "$@" </dev/null >>"$dir/$name.log" 2>&1 &
    echo $! >"$dir/$name.pid"
    # until it runs Java, the process looks like this script, and "running" would not know it
    until running "$name" >/dev/null || ! kill -0 $! 2>/dev/null; do
        sleep 0.05
    done
}

# await NAME SED_SCRIPT: waits until the daemon's log has what the script prints, and prints it.
await() {
    local found second
    for ((second = 0; second < PATIENCE_SECONDS * 5; second++)); do
        found=$(sed -n "$2" "$dir/$1.log" | head -n 1)
        if [[ -n $found ]]; then
            echo "$found"
            return 0
        fi
        if ! running "$1" >/dev/null; then
            break
        fi
        sleep 0.2
    done
    echo "cluster.sh: $1 did not come up; the end of $dir/$1.log:" >&2
    tail -n 15 "$dir/$1.log" >&2
    return 1
}

# running NAME: prints the daemon's process; fails when it is gone. A process of another program with its id is not it.
running() {
    local pid
    [[ -f $dir/$1.pid ]] || return 1
    pid=$(<"$dir/$1.pid")
    [[ $(command_line "$pid") == *org.apache.spark.deploy.* ]] || return 1
    echo "$pid"
}

command_line() {
    if [[ -d /proc/self ]]; then
        tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline" || true
    else
        ps -o args= -p "$1" 2>/dev/null || true
    fi
}

# Workers first: they end their executors. Says nothing where nothing runs.
stop() {
    local file
    for file in "$dir"/worker-*.pid "$dir"/master.pid; do
        if [[ -f $file ]]; then
            end "$(basename "$file" .pid)"
            rm -f "$file"
        fi
    done
    rm -f "$dir/url"
}

end() {
    local pid tick
    pid=$(running "$1") || return 0
    kill "$pid" 2>/dev/null || true
    for ((tick = 0; tick < 75; tick++)); do
        running "$1" >/dev/null || return 0
        sleep 0.2
    done
    kill -KILL "$pid" 2>/dev/null || true
}

# One line for each daemon, then the URL; exit status 3 where not all of them run.
status() {
    local file name pid all=0
    for file in "$dir"/master.pid "$dir"/worker-*.pid; do
        if [[ -f $file ]]; then
            name=$(basename "$file" .pid)
            if pid=$(running "$name"); then
                echo "$name: process $pid, log $dir/$name.log"
            else
                echo "$name: ended, log $dir/$name.log"
                all=3
            fi
        fi
    done
    if [[ ! -f $dir/url ]]; then
        echo "no cluster runs in $dir"
        return 3
    fi
    cat "$dir/url"
    return $all
}

main "$@"
