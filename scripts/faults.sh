#!/usr/bin/env bash
# Provokes faults while tables are scored, and shows what came of each: scripts/faults.sh [FAULT...]
# Without arguments: all of them. Needs some minutes, and a small standalone cluster that it starts and stops. Exit
# status 0 only if every fault ended in a right result, or in one clear error and an output that does not look whole.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

readonly ALL=(plain speculation executor-killed driver-killed driver-killed-resume truncated not-parquet removed
    unwritable no-parent disk-full bad-row quarantine)
shape=(--query-heads 4 --kv-heads 2 --head-dim 16 --dtype fp16)
# leaves time to kill somebody in the middle
slowly=(--master 'local[1]' --conf spark.pagedAttention.cpu.kernel=scalar)
dir=$(mktemp -d)
failures=0

main() {
    trap tidy EXIT
    build_if_needed
    job generate --output "$dir/in" --sequences 3000 --partitions 24 --lengths lognormal:100:0.8:1000 "${shape[@]}" \
        >/dev/null
    printf '%-22s %-9s %s\n' fault verdict 'what the user saw'
    local fault faults=("$@")
    if (($# == 0)); then
        faults=("${ALL[@]}")
    fi
    for fault in "${faults[@]}"; do
        rm -rf "$dir/out" "$dir/aside" "$dir/broken"
        "fault_${fault//-/_}"
    done
    exit $((failures > 0))
}

job() {
    "$PROJECT_ROOT/scripts/submit.sh" "$@"
}

# Replaces the shell that calls it: submit.sh becomes the driver's JVM, so that the shell's process can be killed.
become_score() {
    exec "$PROJECT_ROOT/scripts/submit.sh" score --input "${input:-$dir/in}" --output "${output:-$dir/out}" \
        --mask causal --backend cpu "${shape[@]}" "$@"
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
    printf '%-22s %-9s %s\n' "$1" "$verdict" "${3//$dir/DIR}"
}

# The job ends well, and every row is there and right.
expect_right() {
    local fault=$1 status=0 seen
    shift
    "$@" >"$dir/log" 2>&1 || status=$?
    seen=$(job verify --input "$dir/in" --scored "$dir/out" --sample 200 --mask causal "${shape[@]}" 2>&1 | tail -n 1)
    if ((status == 0)) && [[ -e $dir/out/_SUCCESS && $seen == 'verified 200 of 200 '* ]] && counted 3000; then
        report "$fault" yes "${note:-}$(lost)$(rows); $seen"
    else
        report "$fault" no "status $status: $(grep '^error:' "$dir/log" || tail -n 3 "$dir/log"); $seen"
    fi
}

# The job ends with status 1 and one error line that holds TEXT, and nothing looks whole.
expect_error() {
    local fault=$1 text=$2 status=0 errors
    shift 2
    "$@" >"$dir/log" 2>&1 || status=$?
    errors=$(grep '^error:' "$dir/log" || true)
    if ((status == 1)) && [[ $errors == *"$text"* && $(wc -l <<<"$errors") -eq 1 && ! -e ${output:-$dir/out}/_SUCCESS ]]; then
        report "$fault" yes "$errors"
    else
        report "$fault" no "status $status: ${errors:-$(tail -n 3 "$dir/log")}"
    fi
}

counted() {
    grep -Eq "^rows written +$(printf "%'d" "$1" | sed 's/^\([0-9]\)\([0-9]\{3\}\)$/\1,\2/')$" "$dir/log"
}

rows() {
    sed -n 's/^\(rows [a-z]*\)  *\([0-9,]*\)$/\1 \2/p' "$dir/log" | paste -sd, | sed 's/,rows/, rows/g'
}

# Executors that Spark says it lost.
lost() {
    grep -o 'Lost executor [0-9]*' "$dir/log" | sort -u | sed 's/$/; /' | tr -d '\n'
}

# A cluster of two executors, for faults that local mode does not know.
cluster() {
    if [[ -z ${master:-} ]]; then
        master=$("$PROJECT_ROOT/scripts/cluster.sh" start --workers 2 --memory 1g --port 0 --dir "$dir/cluster" | tail -n 1)
    fi
}

on_cluster() {
    cluster
    score --master "$master" --conf spark.executor.memory=700m "$@"
}

results() {
    find "$dir/out" -name '*.parquet' -size +0 2>/dev/null | wc -l
}

# Waits until so many files of a running job lie somewhere below the output, for a minute at most.
await_results() {
    local tick
    for ((tick = 0; tick < 600; tick++)); do
        if (($(results) >= $1)); then
            return
        fi
        sleep 0.1
    done
}

# kill_driver_after FILES [options]
kill_driver_after() {
    local driver files=$1
    shift
    become_score "${slowly[@]}" "$@" >"$dir/log" 2>&1 &
    driver=$!
    await_results "$files"
    kill -KILL "$driver" 2>/dev/null || true
    wait "$driver" 2>/dev/null || true
    if [[ -e $dir/out/_SUCCESS ]]; then
        report kill-driver no 'the job was done before it could be killed'
    fi
    note="killed with $(results) of 24 files there, no _SUCCESS; again: "
}

fault_plain() {
    expect_right plain score
}

fault_speculation() {
    expect_right speculation on_cluster --conf spark.speculation=true --conf spark.speculation.multiplier=1.01 \
        --conf spark.speculation.quantile=0.1 --conf spark.speculation.interval=50ms \
        --conf spark.speculation.minTaskRuntime=10ms
}

fault_executor_killed() {
    cluster
    note='killed one of two; '
    (
        await_results 2
        # the executors of this cluster alone: their workers' folders lie below our own
        pgrep -f CoarseGrainedExecutorBackend | while read -r process; do
            if [[ $(readlink "/proc/$process/cwd") == "$dir"/cluster/* ]]; then
                kill -KILL "$process"
                break
            fi
        done
    ) &
    expect_right executor-killed on_cluster --conf spark.pagedAttention.cpu.kernel=scalar
    note=''
}

fault_driver_killed() {
    kill_driver_after 4
    expect_right driver-killed score "${slowly[@]}" --mode overwrite
    note=''
}

fault_driver_killed_resume() {
    kill_driver_after 9 --resume --unit-bytes 10m
    expect_right driver-killed-resume score "${slowly[@]}" --resume --unit-bytes 10m
    note=''
    grep '^units' "$dir/log" | sed 's/^/    /'
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
    input=$dir/broken expect_error removed 'was removed or replaced while the job read it' score
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
        printf '%-22s %-9s %s\n' disk-full skipped 'needs the right to mount a small file system'
        return
    fi
    output=$dir/small/out expect_error disk-full 'no space is left on the device' score
    umount "$dir/small"
}

poisoned_input() {
    job generate --output "$dir/broken" --sequences 60 --lengths fixed:20 --partitions 2 "${shape[@]}" >/dev/null
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

tidy() {
    if [[ -n ${master:-} ]]; then
        "$PROJECT_ROOT/scripts/cluster.sh" stop --dir "$dir/cluster"
    fi
    umount "$dir/small" 2>/dev/null || true
    rm -rf "$dir"
}

main "$@"
