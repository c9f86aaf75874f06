package org.pagedattention.plugin;

import java.util.Map;
import org.pagedattention.conf.BackendName;
import org.pagedattention.conf.PagedAttentionConf;

/** Refuses resource amounts with which Spark would wait for ever, or give executors more GPUs than they use. */
final class ResourceCheck {
    private static final String EXECUTOR = "spark.executor.resource.gpu.amount";
    private static final String TASK = "spark.task.resource.gpu.amount";
    private static final String BACKEND = PagedAttentionConf.PREFIX + "backend";

    private ResourceCheck() {}

    /**
     * Returns when {@code spark} can work.
     *
     * @param spark all settings of the application
     * @param local whether driver and executor are one process
     * @throws IllegalArgumentException naming the setting to change
     */
    static void check(Map<String, String> spark, boolean local, PagedAttentionConf conf) {
        double executor = amount(spark, EXECUTOR);
        double task = amount(spark, TASK);
        if (local) {
            checkLocal(spark, executor, task);
        }
        if (task > 0 && executor == 0) {
            throw new IllegalArgumentException(TASK + " is " + spark.get(TASK) + ", but " + EXECUTOR
                    + " is not set, so executors have no GPU to share: set " + EXECUTOR + " to 1, or delete " + TASK);
        }
        if (executor > 1) {
            throw new IllegalArgumentException(EXECUTOR + " is " + spark.get(EXECUTOR)
                    + ", but an executor uses exactly 1 GPU: set it to 1, and start an executor for each GPU");
        }
        if (task > 1) {
            throw new IllegalArgumentException(TASK + " is " + spark.get(TASK)
                    + ", but an executor has 1 GPU: set it to 1 for one task at a time, to 0.25 for four, or delete it"
                    + " for as many as the executor has cores");
        }
        boolean assigned =
                executor > 0 || conf.gpu().device() >= 0 || conf.stage().ownExecutors();
        if (!local && conf.backend() == BackendName.CUDNN && !assigned) {
            throw new IllegalArgumentException(BACKEND + " is cudnn, but executors get no GPU: "
                    + GpuAssignment.HOW_TO_GET_ONE + ", or set " + BACKEND + " to auto or cpu");
        }
    }

    private static void checkLocal(Map<String, String> spark, double executor, double task) {
        if (executor > 0 && task > 0) {
            throw new IllegalArgumentException("master " + spark.getOrDefault("spark.master", "local")
                    + " has no executors to assign GPUs to, so tasks would wait for ever for " + TASK + "="
                    + spark.get(TASK) + ": delete " + TASK + " and " + EXECUTOR + "; in local mode "
                    + PagedAttentionConf.PREFIX + "gpu.device chooses the GPU");
        }
    }

    /** The amount; 0 where it is not set, and where it is no number, which Spark refuses itself. */
    private static double amount(Map<String, String> spark, String key) {
        try {
            return Double.parseDouble(spark.getOrDefault(key, "0").strip());
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
