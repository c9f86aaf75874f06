#!/usr/bin/env bash
# What the jobs do, on data that anybody can have: scripts/demo.sh [DIR]
#
# Gets a small model and definitions of English words (scripts/get-model.sh and scripts/get-glosses.sh, from Maven Central),
# makes a vector of every definition, compares a sample with fp64, and looks for the words that answer three questions.
#
#   scripts/demo.sh attention [DIR]   instead: attention over sequences of random lengths, each verified against fp64
#
# Tables go to DIR (target/demo). Vectors that are there stay; what else an earlier run left is replaced.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

main() {
    local what=models
    if [[ ${1:-} == attention ]]; then
        what=attention
        shift
    fi
    case ${1:-} in
        -*)
            sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
            [[ $1 == -h || $1 == --help ]] || exit 2
            exit
            ;;
    esac
    dir=${1:-$PROJECT_ROOT/target/demo}
    # What makes later jobs start faster is made behind the last one, lest the others wait for it.
    late=${PAGED_ATTENTION_CLASS_ARCHIVE:-}
    export PAGED_ATTENTION_CLASS_ARCHIVE=${late:-use}
    mkdir -p "$dir"
    build_if_needed
    "$what"
}

models() {
    local model=$PROJECT_ROOT/models/all-MiniLM-L6-v2 texts=$PROJECT_ROOT/texts/wordnet-10000 vectors=$dir/vectors

    step 'a model of 22 million weights, and the 10,000 most common meanings of English words'
    "$PROJECT_ROOT/scripts/get-model.sh" all-MiniLM-L6-v2 "$model"
    "$PROJECT_ROOT/scripts/get-glosses.sh" --most-common 10000 "$texts"

    step 'a vector of every definition'
    job embed --model "$model" --input "$texts" --input-format json --text gloss --output "$vectors" --resume

    step 'a sample of them again in fp64'
    job verify --model "$model" --input "$texts" --input-format json --text gloss --scored "$vectors" --key id --sample 20

    step 'the nearest definitions to three questions'
    export PAGED_ATTENTION_CLASS_ARCHIVE=$late
    job nearest --model "$model" --input "$vectors" --show words,gloss --top 3 \
        'an animal that is kept for its milk' 'a person who steals' 'frozen water that falls from the sky'
}

attention() {
    local shape=(--query-heads 4 --kv-heads 2 --head-dim 16 --dtype fp16)

    step '3000 sequences of log-normal length, attention over pages of 64 tokens, and every row again in fp64'
    export PAGED_ATTENTION_CLASS_ARCHIVE=$late
    job generate --output "$dir/sequences" --mode overwrite --sequences 3000 --lengths lognormal:96:0.9:1024 --seed 1 \
        "${shape[@]}" \
        --then lengths --input "$dir/sequences" --svg "$dir/lengths.svg" "${shape[@]}" \
        --then score --input "$dir/sequences" --output "$dir/scored" --mode overwrite --mask causal \
        --emit o,lse,pooled "${shape[@]}" \
        --then verify --input "$dir/sequences" --scored "$dir/scored" --mask causal "${shape[@]}"
}

job() {
    "$PROJECT_ROOT/scripts/submit.sh" "$@"
}

step() {
    printf '\n== %s\n' "$1"
}

main "$@"
