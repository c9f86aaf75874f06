#!/usr/bin/env bash
# Tells Spark which GPUs this host has: one line of JSON with the index of each GPU, once. Name it in
#   spark.worker.resource.gpu.discoveryScript      standalone clusters (set on the workers)
#   spark.executor.resource.gpu.discoveryScript    YARN, Kubernetes
# Fails where there is none: an empty answer would make Spark start executors whose GPU has no name.
# Indexes count as nvidia-smi does, by bus; set CUDA_DEVICE_ORDER=PCI_BUS_ID on hosts with GPUs of several kinds, so
# that CUDA counts alike.
set -euo pipefail

fail() {
    echo "get-gpu-resources.sh: $1" >&2
    exit 1
}

command -v nvidia-smi >/dev/null \
    || fail "nvidia-smi is not on the PATH ($PATH): install the NVIDIA driver, or start no executors with GPUs here"

if ! listed=$(nvidia-smi --query-gpu=index --format=csv,noheader 2>&1); then
    fail "nvidia-smi fails on this host: $listed"
fi

indexes=$(tr -d ' \t\r' <<<"$listed" | { grep -E '^[0-9]+$' || true; } | sort -n -u)
[[ -n $indexes ]] || fail "nvidia-smi lists no GPU on this host${listed:+, it says: $listed}"

printf '{"name": "gpu", "addresses": ["%s"]}\n' "$(paste -s -d, <<<"$indexes" | sed 's/,/", "/g')"
