package org.pagedattention.scoring;

import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.resource.ExecutorResourceRequests;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.ResourceProfileBuilder;
import org.apache.spark.resource.TaskResourceRequests;
import org.pagedattention.conf.PagedAttentionConf;

/**
 * What the scoring stage asks Spark for when that differs from the other stages: so reading and writing can use all
 * cores while only a few tasks share a GPU.
 */
final class StageResources {
    private static final String GPU = "gpu";
    private static final String EXECUTOR_GPU = "spark.executor.resource.gpu.";
    private static final String STAGE = PagedAttentionConf.PREFIX + "stage.";

    private StageResources() {}

    /**
     * The profile that {@code conf} asks for; empty when it asks for nothing.
     *
     * @throws IllegalArgumentException when this cluster cannot give it, naming the setting to change
     */
    static Optional<ResourceProfile> of(PagedAttentionConf conf, SparkContext context) {
        if (conf.stage().taskGpus() == 0
                && conf.stage().taskCpus() == 0
                && !conf.stage().ownExecutors()) {
            return Optional.empty();
        }
        SparkConf spark = context.conf();
        refuse(conf, spark, context.isLocal());
        ResourceProfileBuilder profile = new ResourceProfileBuilder().require(task(conf, spark));
        if (conf.stage().ownExecutors()) {
            profile.require(executor(spark));
        }
        return Optional.of(profile.build());
    }

    /** Where Spark would refuse with no key in its message, or wait for ever. */
    static void refuse(PagedAttentionConf conf, SparkConf spark, boolean local) {
        if (local) {
            throw new IllegalArgumentException("master " + spark.get("spark.master", "local")
                    + " gives all stages the same resources: delete " + STAGE + "taskGpus, taskCpus and ownExecutors,"
                    + " or set spark.master to a cluster");
        }
        boolean dynamic = spark.getBoolean("spark.dynamicAllocation.enabled", false);
        if (conf.stage().ownExecutors() && !dynamic) {
            throw new IllegalArgumentException(
                    STAGE + "ownExecutors is true, but spark.dynamicAllocation.enabled is not:"
                            + " set it to true, or delete " + STAGE + "ownExecutors");
        }
        if (!conf.stage().ownExecutors() && conf.stage().taskGpus() > 0 && !spark.contains(EXECUTOR_GPU + "amount")) {
            throw new IllegalArgumentException(
                    STAGE + "taskGpus is " + conf.stage().taskGpus()
                            + ", but executors have no GPU: set " + EXECUTOR_GPU + "amount to 1, or " + STAGE
                            + "ownExecutors to true");
        }
    }

    private static TaskResourceRequests task(PagedAttentionConf conf, SparkConf spark) {
        TaskResourceRequests task = new TaskResourceRequests();
        task.cpus(conf.stage().taskCpus() > 0 ? conf.stage().taskCpus() : spark.getInt("spark.task.cpus", 1));
        if (conf.stage().taskGpus() > 0) {
            task.resource(GPU, conf.stage().taskGpus());
        }
        return task;
    }

    /** One GPU; the rest as the application's other executors have it. */
    private static ExecutorResourceRequests executor(SparkConf spark) {
        ExecutorResourceRequests executor = new ExecutorResourceRequests()
                .memory(spark.get("spark.executor.memory", "1g"))
                .resource(
                        GPU,
                        1,
                        spark.get(EXECUTOR_GPU + "discoveryScript", ""),
                        spark.get(EXECUTOR_GPU + "vendor", ""));
        if (spark.contains("spark.executor.cores")) {
            executor.cores(spark.getInt("spark.executor.cores", 1));
        }
        return executor;
    }
}
