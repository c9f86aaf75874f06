#!/usr/bin/env bash
# Compares the CPU backend with the fused attention of PyTorch and ONNX Runtime, on the same numbers and threads:
#   scripts/bench-cpu.sh [--threads N] [--seconds N] [--only WORDS] [--clock wall|cpu]
# Prints one JSON line per shape and peer, then a table. The first run downloads both peers (160 MB).
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

maven --quiet -Pbench-peers --projects jobs/peers --also-make -DskipTests package >&2
exec "$(java_command)" --add-modules jdk.incubator.vector -Xmx8g \
    -cp "$PROJECT_ROOT/jobs/peers/target/classes:$(plugin_jar):$(jobs_jar):$PROJECT_ROOT/jobs/peers/target/lib/*" \
    org.pagedattention.bench.PeerBenchmark "$@"
