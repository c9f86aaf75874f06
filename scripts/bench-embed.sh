#!/usr/bin/env bash
# Embeds texts of log-normal length with all-MiniLM-L6-v2 in fp32, on the CPU, beside ONNX Runtime on the same model and
# threads, in each way to put texts into padded batches:
#   scripts/bench-embed.sh [--means N,N] [--threads N] [--pass-tokens N,N] [--peers false] [--runs N] [--seconds S]
# Vectors are compared before times. Only runs during which nobody else used the machine count, where there are any. The
# first run downloads the model (80 MB) and ONNX Runtime (50 MB).
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

"$PROJECT_ROOT/scripts/get-model.sh" all-MiniLM-L6-v2
maven --quiet -Pbench-peers --projects jobs/peers --also-make -DskipTests package >&2
exec "$(java_command)" --add-modules jdk.incubator.vector -XX:+UseParallelGC -Xmx4g \
    -cp "$PROJECT_ROOT/jobs/peers/target/classes:$(plugin_jar):$(jobs_jar):$PROJECT_ROOT/jobs/peers/target/lib/*:$(assembled_spark_home)/jars/*" \
    org.pagedattention.bench.embed.EmbedBenchmark --model "$PROJECT_ROOT/models/all-MiniLM-L6-v2" "$@"
