#!/usr/bin/env bash
# Scores random tables with random bad rows for a while in one process, and fails when what it holds keeps growing:
# heap, memory, open files, threads, GPU memory: scripts/soak.sh MINUTES [cpu|cudnn]
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

minutes=${1:-20}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# What Spark keeps for its own pages would grow for an hour before it is cut. Its query threads live for a minute each, so
# their number says how many queries there were, unless there are few. Pinned memory is kept for the next batch up to its
# bound: a low one is reached early, and has to hold from then on. The JVM touches ever more of the heap that it may have:
# all of it is touched at the start, so that what the process holds beside it shows. What is held softly stays for a
# quarter of an hour in a heap this empty, and goes when room is short: it does not count.
"$PROJECT_ROOT/scripts/submit.sh" bench soak --minutes "$minutes" --backend "${2:-cpu}" --folder "$folder/tables" \
    --master 'local[2]' --driver-memory 1g --driver-java-options '-Xms1g -XX:+AlwaysPreTouch -XX:SoftRefLRUPolicyMSPerMB=0' \
    --conf spark.ui.retainedJobs=10 --conf spark.ui.retainedStages=10 --conf spark.ui.retainedTasks=100 \
    --conf spark.sql.ui.retainedExecutions=10 --conf spark.pagedAttention.gpu.pinnedBytes=256m \
    --conf spark.sql.shuffleExchange.maxThreadThreshold=8 --conf spark.sql.resultQueryStage.maxThreadThreshold=8
