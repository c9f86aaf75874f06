package org.pagedattention.plugin;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pagedattention.conf.PagedAttentionConf;

/** Which executor has which GPU. One GPU has one executor, unless sharing is allowed. */
final class DeviceRegistry {
    private final boolean allowShared;
    private final Map<String, ExecutorReport> running = new LinkedHashMap<>();
    private final Set<String> removed = new HashSet<>();

    DeviceRegistry(boolean allowShared) {
        this.allowShared = allowShared;
    }

    /**
     * Books the executor's GPU for it. An executor that reports again, because an answer was lost, keeps its booking.
     *
     * @return empty, or why the executor may not have that GPU
     */
    synchronized String register(ExecutorReport report) {
        // Spark gives up an executor that is slow to start, whose report may then come late
        if (removed.contains(report.executorId())) {
            return "Spark has given this executor up already";
        }
        if (report.hasGpu() && !allowShared) {
            for (ExecutorReport other : running.values()) {
                if (other.gpuKey().equals(report.gpuKey())
                        && !other.executorId().equals(report.executorId())) {
                    return refusal(report, other);
                }
            }
        }
        running.put(report.executorId(), report);
        return "";
    }

    /** Frees what the executor had. */
    synchronized void remove(String executorId) {
        running.remove(executorId);
        removed.add(executorId);
    }

    synchronized List<ExecutorReport> running() {
        return new ArrayList<>(running.values());
    }

    private static String refusal(ExecutorReport report, ExecutorReport other) {
        return "GPU " + report.device() + " of " + report.host()
                + (report.uuid().isEmpty() ? "" : " (" + report.uuid() + ")") + " is in use by executor "
                + other.executorId() + " (process " + other.pid() + " on " + other.host()
                + "), and a GPU serves 1 executor: give each worker of this host its own GPUs by"
                + " spark.worker.resource.gpu.discoveryScript or spark.worker.resourcesFile, or set "
                + PagedAttentionConf.PREFIX + "gpu.allowSharedDevice to true";
    }
}
