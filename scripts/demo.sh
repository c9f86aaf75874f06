#!/usr/bin/env bash
# Generates sequences of very different lengths, scores them with attention, and verifies every one against an fp64
# reference: scripts/demo.sh [DIR]. Tables and a picture go to DIR (target/demo); what an earlier run left is replaced.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

dir=${1:-$PROJECT_ROOT/target/demo}
shape=(--query-heads 4 --kv-heads 2 --head-dim 16 --dtype fp16)

job() {
    "$PROJECT_ROOT/scripts/submit.sh" "$@"
}

# For seconds of work: the JIT's first tier alone, because the second would cost more than it gives.
short_job() {
    job "$@" --driver-java-options -XX:TieredStopAtLevel=1
}

step() {
    printf '\n== %s\n' "$1"
}

# What makes later jobs start faster is made behind the last one, lest the others wait for it.
late=${PAGED_ATTENTION_CLASS_ARCHIVE:-}
export PAGED_ATTENTION_CLASS_ARCHIVE=${late:-use}

mkdir -p "$dir"
build_if_needed

step '3000 sequences of log-normal length'
short_job generate --output "$dir/sequences" --mode overwrite --sequences 3000 --lengths lognormal:96:0.9:1024 --seed 1 \
    "${shape[@]}"
short_job lengths --input "$dir/sequences" --svg "$dir/lengths.svg" "${shape[@]}"

step 'attention over pages of 64 tokens'
job score --input "$dir/sequences" --output "$dir/scored" --mode overwrite --mask causal --emit o,lse,pooled "${shape[@]}"

step 'every row again in fp64'
export PAGED_ATTENTION_CLASS_ARCHIVE=$late
short_job verify --input "$dir/sequences" --scored "$dir/scored" --mask causal "${shape[@]}"
