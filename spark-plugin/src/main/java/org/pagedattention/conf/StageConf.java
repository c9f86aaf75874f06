package org.pagedattention.conf;

import java.io.Serializable;

/**
 * What the stage that scores asks Spark for, where that differs from other stages.
 *
 * @param taskGpus share of a GPU for each task; 0 for what the application says
 * @param taskCpus cores of each task; 0 for what the application says
 * @param ownExecutors whether scoring asks for executors of its own, with a GPU each
 */
public record StageConf(double taskGpus, int taskCpus, boolean ownExecutors) implements Serializable {

    static StageConf read(Settings settings) {
        return new StageConf(
                settings.read(
                        "stage.taskGpus",
                        "0",
                        Parsers.share(),
                        "Share of a GPU that each scoring task asks Spark for, such as `0.25` for four tasks on a GPU, while"
                                + " other stages use all cores; `0`: what `spark.task.resource.gpu.amount` says"),
                settings.read(
                        "stage.taskCpus",
                        "0",
                        Parsers.number(0, 1024),
                        "Cores of each scoring task, while other stages keep `spark.task.cpus`; `0`: as they do"),
                settings.read(
                        "stage.ownExecutors",
                        "false",
                        Parsers.yesOrNo(),
                        "Whether scoring gets executors of its own with one GPU each, started for it and given back after it;"
                                + " needs `spark.dynamicAllocation.enabled`, and executors of other stages then need no GPU"));
    }
}
