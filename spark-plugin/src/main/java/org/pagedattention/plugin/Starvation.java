package org.pagedattention.plugin;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/** What to say when an application waits for executors that no worker can start. */
final class Starvation {
    private static final String CORES = "spark.executor.cores";
    private static final String MEMORY = "spark.executor.memory";
    private static final String GPUS = "spark.executor.resource.gpu.amount";

    private Starvation() {}

    /**
     * One sentence with what each executor asks for, what there is, and what to change.
     *
     * @param spark all settings of the application
     * @param seconds how long it has waited
     * @param workers what each worker has left; empty where nobody knows
     */
    static String sentence(Map<String, String> spark, long seconds, Optional<List<String>> workers) {
        StringJoiner asked = new StringJoiner(", ");
        if (spark.containsKey(CORES)) {
            asked.add(spark.get(CORES) + " cores (" + CORES + ")");
        }
        asked.add(spark.getOrDefault(MEMORY, "1g") + " of heap (" + MEMORY + ")");
        asked.add(spark.getOrDefault(GPUS, "0") + " GPUs (" + GPUS + ")");
        String left = workers.map(found -> found.isEmpty()
                        ? "; the master has no worker"
                        : "; workers have left: " + String.join("; ", found))
                .orElse("");
        return "no executor has started for " + seconds + " s. Each needs " + asked + left
                + ". Ask for less by these settings, free or add workers, and see that workers offer their GPUs"
                + " (spark.worker.resource.gpu.amount and .discoveryScript)";
    }
}
