package org.pagedattention.plugin;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pagedattention.conf.PagedAttentionConf;

/** What the plugin says of settings and executors that cannot work, by the functions that decide it. */
public final class PluginErrors {
    private PluginErrors() {}

    /** Of local mode with shares of GPUs. */
    public static void localWithGpus() {
        check(true, Map.of("spark.executor.resource.gpu.amount", "1", "spark.task.resource.gpu.amount", "1"));
    }

    /** Of tasks that ask for what executors do not have. */
    public static void tasksWithoutExecutorGpu() {
        check(false, Map.of("spark.task.resource.gpu.amount", "1"));
    }

    /** Of two GPUs for one executor. */
    public static void twoGpus() {
        check(false, Map.of("spark.executor.resource.gpu.amount", "2"));
    }

    /** Of the backend cudnn without GPUs. */
    public static void cudnnWithoutGpu() {
        check(false, Map.of("spark.pagedAttention.backend", "cudnn"));
    }

    private static void check(boolean local, Map<String, String> settings) {
        ResourceCheck.check(settings, local, PagedAttentionConf.parse(onlyOurs(settings)));
    }

    private static Map<String, String> onlyOurs(Map<String, String> settings) {
        return settings.keySet().stream().allMatch(key -> key.startsWith(PagedAttentionConf.PREFIX))
                ? settings
                : Map.of();
    }

    /** Of a discovery script that printed no GPU. */
    public static void emptyAddress() {
        decide(List.of(""), List.of("GPU-a"));
    }

    /** Of an index that this process does not see. */
    public static void unseenIndex() {
        decide(List.of("3"), List.of("GPU-a"));
    }

    private static void decide(List<String> addresses, List<String> visible) {
        GpuAssignment.decide(new GpuRequest(false, addresses, visible, PagedAttentionConf.defaults()));
    }

    /** Of a GPU that another executor of the host has. */
    public static String takenGpu() {
        DeviceRegistry registry = new DeviceRegistry(false);
        registry.register(report("0"));
        return registry.register(report("1"));
    }

    private static ExecutorReport report(String executor) {
        return new ExecutorReport(executor, "host", 4711, 0, "GPU-a", "GPU 0", "cudnn", "");
    }

    /** Of an executor whose CUDA context is lost. */
    public static String lostGpu() {
        return new DeviceLoss("3", "host", "cudaErrorIllegalAddress (700)").toString();
    }

    /** Of a job that waits for executors which nobody can start. */
    public static String starving() {
        return Starvation.sentence(
                Map.of("spark.executor.resource.gpu.amount", "1", "spark.executor.memory", "64g"),
                30,
                Optional.of(List.of("host: 4 cores, 8g, 0 GPUs")));
    }

    /** Of an executor that could not start. */
    public static String failedStart() {
        return new StartFailure("3", "host", "no GPU").toString();
    }
}
