#!/usr/bin/env bash
# Gets the definitions of WordNet 3.1 from Maven Central, and writes them as JSON lines, one definition a row:
#   scripts/get-glosses.sh [--most-common N] [DIR]
# Columns are id, words, part_of_speech and gloss; all 117,791 of them, or those of the N most common meanings. DIR is by
# default texts/wordnet beside scripts/, with -N behind it where only so many are asked for. What is there already is
# checked, and stays. A job reads it with --input DIR --input-format json.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

what=wordnet suffix=''
case ${1:-} in
    --most-common)
        what=wordnet:${2:-} suffix=-${2:-}
        shift $(($# < 2 ? $# : 2))
        ;;
    -*)
        sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
        [[ $1 == -h || $1 == --help ]] || exit 2
        exit
        ;;
esac
get_published "$what" "${1:-$PROJECT_ROOT/texts/wordnet$suffix}"
