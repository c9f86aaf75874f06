package org.pagedattention.plugin;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.conf.PagedAttentionConf;

/**
 * What the driver decides for all executors; it travels to them as text.
 *
 * @param settings the texts of the {@code spark.pagedAttention.*} settings
 * @param local whether driver and executor are one process
 * @param driverGpus GPUs that Spark assigned to the driver, which is the executor in local mode; null for none
 * @param taskCpus cores of a scoring task
 */
record ExecutorSettings(
        Map<String, String> settings,
        boolean local,
        @Nullable List<String> driverGpus,
        int taskCpus) {
    private static final String LOCAL = "plugin.local";
    private static final String DRIVER_GPUS = "plugin.driverGpus";
    private static final String TASK_CPUS = "plugin.taskCpus";

    /** Of all settings of an application, those that are ours. */
    static ExecutorSettings of(Map<String, String> spark, boolean local, @Nullable List<String> driverGpus) {
        Map<String, String> ours = new HashMap<>(spark);
        ours.keySet().removeIf(key -> !key.startsWith(PagedAttentionConf.PREFIX));
        int stageCpus = PagedAttentionConf.parse(ours).stage().taskCpus();
        int cpus = stageCpus > 0 ? stageCpus : Integer.parseInt(spark.getOrDefault("spark.task.cpus", "1"));
        return new ExecutorSettings(ours, local, driverGpus, cpus);
    }

    static ExecutorSettings fromMap(Map<String, String> map) {
        Map<String, String> ours = new HashMap<>(map);
        ours.keySet().removeIf(key -> !key.startsWith(PagedAttentionConf.PREFIX));
        String gpus = map.get(DRIVER_GPUS);
        return new ExecutorSettings(
                ours,
                Boolean.parseBoolean(map.get(LOCAL)),
                gpus == null ? null : List.of(gpus.split(",", -1)),
                Integer.parseInt(map.getOrDefault(TASK_CPUS, "1")));
    }

    Map<String, String> toMap() {
        Map<String, String> map = new HashMap<>(settings);
        map.put(LOCAL, Boolean.toString(local));
        map.put(TASK_CPUS, Integer.toString(taskCpus));
        if (driverGpus != null) {
            map.put(DRIVER_GPUS, String.join(",", driverGpus));
        }
        return map;
    }

    PagedAttentionConf conf() {
        return PagedAttentionConf.parse(settings);
    }

    BackendSettings backendSettings() {
        return conf().backendSettings(taskCpus);
    }
}
