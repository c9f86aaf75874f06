#!/usr/bin/env bash
# Provokes faults while tables are scored, and shows what came of each: scripts/faults.sh [FAULT...]
# Without arguments: all of them. Needs some minutes, and a small standalone cluster that it starts and stops. Exit
# status 0 only if every fault ended in a right result, or in one clear error and an output that does not look whole.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

readonly ALL=(plain speculation executor-killed driver-killed driver-killed-resume
    histories-executor-killed histories-driver-killed-resume truncated not-parquet removed
    unwritable no-parent disk-full bad-row quarantine)
shape=(--query-heads 4 --kv-heads 2 --head-dim 16 --dtype fp16)
# many tasks that take long: time to kill somebody in the middle
slowly=(--conf spark.pagedAttention.cpu.kernel=scalar --conf spark.sql.files.maxPartitionBytes=2m
    --conf spark.sql.files.openCostInBytes=0)
alone=(--master 'local[1]' "${slowly[@]}")
dir=$(mktemp -d)
failures=0 skipped=0 driver=''
# What the verdict of the fault at hand says first, and what about its making went wrong.
note='' spoilt=''
# Where it reads a second table: the options of score and of verify for that.
second=() known=()

main() {
    local fault faults=("$@")
    if (($# == 0)); then
        faults=("${ALL[@]}")
    fi
    for fault in "${faults[@]}"; do
        if [[ " ${ALL[*]} " != *" $fault "* ]]; then
            echo "faults.sh: '$fault' is not known, say one of: ${ALL[*]}" >&2
            exit 2
        fi
    done
    trap tidy EXIT
    build_if_needed
    generate "$dir/in" --sequences 3000 --partitions 24 --lengths lognormal:100:0.8:1000
    printf '%-30s %-9s %s\n' fault verdict 'what the user saw'
    for fault in "${faults[@]}"; do
        rm -rf "$dir/out" "$dir/aside" "$dir/broken" "$dir/over"
        note='' spoilt='' input='' second=() known=()
        "fault_${fault//-/_}"
    done
    echo "${#faults[@]} faults, $failures wrong, $skipped skipped"
    exit $((failures > 0))
}

# generate PATH [options]
generate() {
    if ! job generate --output "$@" "${shape[@]}" >"$dir/log" 2>&1; then
        cat "$dir/log" >&2
        exit 1
    fi
}

job() {
    "$PROJECT_ROOT/scripts/submit.sh" "$@"
}

# Replaces the shell that calls it: submit.sh becomes the driver's JVM, so that the shell's process can be killed.
become_score() {
    exec "$PROJECT_ROOT/scripts/submit.sh" score --input "${input:-$dir/in}" --output "${output:-$dir/out}" \
        --mask causal --backend cpu "${shape[@]}" ${second[@]+"${second[@]}"} "$@"
}

score() {
    (become_score "$@")
}

# report FAULT OK TEXT
report() {
    local verdict=ok
    if [[ $2 != yes ]]; then
        verdict=WRONG
        failures=$((failures + 1))
    fi
    printf '%-30s %-9s %s\n' "$1" "$verdict" "${3//$dir/DIR}"
}

# The job ends well, and every row is there and right.
expect_right() {
    local fault=$1 status=0 seen
    shift
    "$@" >"$dir/log" 2>&1 || status=$?
    touch "$dir/over"
    seen=$(job verify --input "${input:-$dir/in}" --scored "$dir/out" --sample 200 --mask causal "${shape[@]}" \
        ${known[@]+"${known[@]}"} 2>&1 | tail -n 1) || true
    if [[ -n $spoilt ]]; then
        report "$fault" no "$spoilt"
    elif ((status == 0)) && [[ -e $dir/out/_SUCCESS && $seen == 'verified 200 of 200 '* ]] && counted 3000; then
        report "$fault" yes "$note$(rows); $seen"
    else
        report "$fault" no "status $status: $(grep '^error:' "$dir/log" || tail -n 3 "$dir/log" | paste -sd'|'); $seen"
    fi
}

# The job ends with status 1 and one error line that holds TEXT, and nothing looks whole.
expect_error() {
    local fault=$1 text=$2 status=0 errors
    shift 2
    "$@" >"$dir/log" 2>&1 || status=$?
    touch "$dir/over"
    errors=$(grep '^error:' "$dir/log" || true)
    if ((status == 1)) && [[ $errors == *"$text"* && $(wc -l <<<"$errors") -eq 1 && ! -e ${output:-$dir/out}/_SUCCESS ]]; then
        report "$fault" yes "$errors"
    else
        report "$fault" no "status $status: ${errors:-$(tail -n 3 "$dir/log" | paste -sd'|')}"
    fi
}

counted() {
    grep -Eq "^rows written +$(printf "%'d" "$1" | sed 's/^\([0-9]\)\([0-9]\{3\}\)$/\1,\2/')$" "$dir/log"
}

rows() {
    sed -n 's/^\(rows [a-z]*\)  *\([0-9,]*\)$/\1 \2/p' "$dir/log" | paste -sd, | sed 's/,rows/, rows/g'
}

# A cluster of two executors, for faults that local mode does not know.
cluster() {
    if [[ -z ${master:-} ]]; then
        master=$("$PROJECT_ROOT/scripts/cluster.sh" start --workers 2 --hosts '127.0.0.1;localhost' --memory 1g --port 0 \
            --dir "$dir/cluster" | tail -n 1)
    fi
}

on_cluster() {
    score --master "$master" --conf spark.executor.memory=700m "${slowly[@]}" "$@"
}

# One of this cluster's executors: their workers' folders lie below our own.
an_executor() {
    local process
    for process in $(pgrep -f CoarseGrainedExecutorBackend); do
        if [[ $(readlink "/proc/$process/cwd") == "$dir"/cluster/* ]]; then
            echo "$process"
            return
        fi
    done
}

results() {
    find "$dir/out" -name '*.parquet' -size +0 2>/dev/null | wc -l
}

# Waits until so many files of the running job lie somewhere below the output; fails when the job ends before.
await_results() {
    until (($(results) >= $1)); do
        if [[ -e $dir/over ]]; then
            return 1
        fi
        sleep 0.1
    done
}

# kill_driver_after FILES [options]
kill_driver_after() {
    local files=$1
    shift
    become_score "${alone[@]}" "$@" >"$dir/log" 2>&1 &
    driver=$!
    until (($(results) >= files)) || ! kill -0 "$driver" 2>/dev/null; do
        sleep 0.1
    done
    kill -KILL "$driver" 2>/dev/null || spoilt='the driver had ended before it could be killed'
    wait "$driver" 2>/dev/null || true
    driver=''
    if [[ -e $dir/out/_SUCCESS ]]; then
        spoilt='the job was done before its driver could be killed'
    fi
    note="killed with $(results) files there, no _SUCCESS; again: "
}

fault_plain() {
    expect_right plain score
}

# Holds one executor in the middle until the whole output is there, as a sick machine would.
hold_an_executor() {
    local held
    await_results 6
    held=$(an_executor)
    echo "$held" >"$dir/held"
    kill -STOP "$held"
    until [[ -e $dir/over ]] || compgen -G "$dir/out/part-*" >/dev/null; do
        sleep 0.1
    done
    kill -CONT "$held"
    rm "$dir/held"
}

speculated() {
    local attempts
    "$@" || return
    attempts=$(cat "$dir"/events/*/events_* | grep -c '"Event":"SparkListenerTaskEnd".*"Speculative":true') || true
    note="held one executor of two; tasks that ran twice: $attempts; "
    if ((attempts == 0)); then
        spoilt='no task ran twice'
    fi
}

fault_speculation() {
    cluster
    mkdir "$dir/events"
    hold_an_executor &
    # an executor that is held while it commits keeps the right to commit until Spark takes it for lost
    expect_right speculation speculated on_cluster --conf spark.network.timeout=40s \
        --conf spark.network.timeoutInterval=10s --conf spark.speculation=true \
        --conf spark.speculation.quantile=0.1 --conf spark.speculation.interval=50ms \
        --conf spark.eventLog.enabled=true --conf spark.eventLog.dir="$dir/events" --conf spark.eventLog.compress=false
    wait $! || true
}

lost_one() {
    "$@" || return
    note="$(grep -o 'Lost executor [0-9]*' "$dir/log" | sort -u | paste -sd,); "
    if [[ $note == '; ' ]]; then
        spoilt='the job was done before an executor could be killed'
    fi
}

fault_executor_killed() {
    cluster
    (
        await_results 2
        kill -KILL "$(an_executor)"
    ) &
    expect_right executor-killed lost_one on_cluster
    wait $! || true
}

fault_driver_killed() {
    kill_driver_after 4
    expect_right driver-killed score "${alone[@]}" --mode overwrite
}

fault_driver_killed_resume() {
    kill_driver_after 9 --resume --unit-bytes 10m
    expect_right driver-killed-resume resumed score "${alone[@]}" --resume --unit-bytes 10m
}

resumed() {
    "$@" || return
    note+="$(grep '^units' "$dir/log"); "
    if [[ $note == *'finished by earlier runs: 0'* ]]; then
        spoilt='no unit was finished before the driver was killed'
    fi
}

# Rows that ask histories of another table, two fifths of them the same one.
two_tables() {
    input=$dir/asking
    second=(--kv-input "$dir/histories" --key history)
    known=(--kv-input "$dir/histories" --kv-key history --key id)
    if [[ ! -d $input ]] && ! job generate histories --output "$input" --kv-output "$dir/histories" --histories 100 --queries 30 \
        --skew 0.4 --query-tokens fixed:50 --history-tokens fixed:400 --partitions 24 "${shape[@]}" >"$dir/log" 2>&1; then
        cat "$dir/log" >&2
        exit 1
    fi
}

fault_histories_executor_killed() {
    two_tables
    cluster
    (
        await_results 2
        kill -KILL "$(an_executor)"
    ) &
    expect_right histories-executor-killed lost_one on_cluster
    wait $! || true
}

fault_histories_driver_killed_resume() {
    two_tables
    kill_driver_after 9 --resume --unit-bytes 4m
    expect_right histories-driver-killed-resume resumed score "${alone[@]}" --resume --unit-bytes 4m
}

broken_input() {
    cp -r "$dir/in" "$dir/broken"
    broken=$(find "$dir/broken" -name 'part-00007*.parquet')
    # Hadoop's own checksums would find it first
    rm -f "$dir"/broken/.*.crc
}

fault_truncated() {
    broken_input
    truncate -s 5000 "$broken"
    input=$dir/broken expect_error truncated "$(basename "$broken")" score
}

fault_not_parquet() {
    broken_input
    echo 'id,name,q,k,v' >"$broken"
    input=$dir/broken expect_error not-parquet "$(basename "$broken") is not a Parquet file" score
}

fault_removed() {
    broken_input
    (
        await_results 2
        rm "$dir"/broken/part-0002*.parquet
    ) &
    input=$dir/broken expect_error removed 'was removed or replaced while the job read it' score "${alone[@]}"
    wait $! || true
}

fault_unwritable() {
    output=/proc/out expect_error unwritable '/proc/out' score
}

fault_no_parent() {
    touch "$dir/file"
    output=$dir/file/out expect_error no-parent "$dir/file" score
}

fault_disk_full() {
    mkdir -p "$dir/small"
    if ! mount -t tmpfs -o size=3m tmpfs "$dir/small" 2>/dev/null; then
        printf '%-30s %-9s %s\n' disk-full skipped 'needs the right to mount a small file system'
        skipped=$((skipped + 1))
        return
    fi
    output=$dir/small/out expect_error disk-full 'no space is left on the device' score
    umount "$dir/small"
}

poisoned_input() {
    generate "$dir/broken" --sequences 60 --lengths fixed:20 --partitions 2
}

fault_bad_row() {
    poisoned_input
    input=$dir/broken expect_error bad-row 'column ' score --value-dim 12
}

fault_quarantine() {
    poisoned_input
    input=$dir/broken score --value-dim 12 --on-bad-row "quarantine=$dir/aside" >"$dir/log" 2>&1 || true
    if counted 0 && [[ -e $dir/out/_SUCCESS && -e $dir/aside/_SUCCESS ]]; then
        report quarantine yes "$(rows)"
    else
        report quarantine no "$(tail -n 3 "$dir/log")"
    fi
}

# Leaves no process and no file behind, wherever the script ended.
tidy() {
    local helper
    if [[ -n $driver ]]; then
        kill -KILL "$driver" 2>/dev/null || true
    fi
    # those that wait to hurt an executor
    for helper in $(jobs -p); do
        kill "$helper" 2>/dev/null || true
    done
    if [[ -n ${master:-} ]]; then
        if [[ -f $dir/held ]]; then
            kill -CONT "$(<"$dir/held")" 2>/dev/null || true
        fi
        "$PROJECT_ROOT/scripts/cluster.sh" stop --dir "$dir/cluster"
    fi
    umount "$dir/small" 2>/dev/null || true
    rm -rf "$dir"
}

main "$@"
