#!/usr/bin/env bash
# Runs all tests, arguments go to Maven:
#   scripts/test.sh                                   what needs no GPU
#   scripts/test.sh -DexcludedGroups= -Dgroups=gpu    what needs one
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

maven verify "$@"
