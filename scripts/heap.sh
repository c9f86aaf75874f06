#!/usr/bin/env bash
# Scores a table much larger than the heap with several tasks at once, and shows what the heap held at most:
#   scripts/heap.sh [TASKS] [SEQUENCES]
# A task may hold at most two row groups of the input and one of the output, of 32 MiB each, four decoded rows, and three batches
# of 8 MiB; Spark itself gets 96 MiB; and the collector needs half as much again to work in. Exit status 0 only if the job
# ends well in such a heap, and held no more.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

readonly TASKS=${1:-4} SEQUENCES=${2:-320}
if [[ ! $TASKS =~ ^[1-9][0-9]*$ || ! $SEQUENCES =~ ^[1-9][0-9]*$ ]]; then
    echo "heap.sh: TASKS $TASKS and SEQUENCES $SEQUENCES must be numbers above 0" >&2
    exit 2
fi
readonly ROW=4
readonly LIVE=$((96 + TASKS * (3 * 32 + 4 * ROW + 3 * 8)))
readonly HEAP=$((LIVE * 3 / 2))
# 16,384 tokens are a row of 4 MiB; the window keeps attention from taking all the time
readonly SHAPE=(--query-heads 2 --kv-heads 1 --head-dim 32 --dtype fp16)
readonly MASK=(--mask causal --window 64)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

submit() {
    if ! "$PROJECT_ROOT/scripts/submit.sh" "$@" "${SHAPE[@]}" >"$dir/log" 2>&1; then
        grep '^error:' "$dir/log" >&2 || cat "$dir/log" >&2
        exit 1
    fi
    tail -n 1 "$dir/log"
}

submit generate --output "$dir/in" --sequences "$SEQUENCES" --partitions "$TASKS" --lengths fixed:16384
# a task for each file
submit score --input "$dir/in" --output "$dir/out" --backend cpu "${MASK[@]}" --master "local[$TASKS]" \
    --driver-memory "${HEAP}m" --driver-java-options "-Xlog:gc:file=$dir/gc.log" \
    --conf spark.sql.files.maxPartitionBytes=8g --conf spark.sql.files.openCostInBytes=8g
submit verify --input "$dir/in" --scored "$dir/out" --sample 8 "${MASK[@]}"
held=$(sed -n 's/.*Pause Full.*->\([0-9]*\)M(.*/\1/p' "$dir/gc.log" | sort -n | tail -n 1)
echo "$TASKS tasks at once, $((SEQUENCES * ROW)) MiB of input, a heap of $HEAP MiB: $held MiB live at most, $LIVE allowed"
((held <= LIVE))
