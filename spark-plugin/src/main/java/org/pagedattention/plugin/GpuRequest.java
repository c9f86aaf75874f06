package org.pagedattention.plugin;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.conf.PagedAttentionConf;

/**
 * What the choice of a GPU depends on.
 *
 * @param local whether driver and executor are one process, to which Spark assigns the driver's GPUs
 * @param addresses GPUs that Spark assigned; null where it assigned no such resource
 * @param visible UUIDs of the GPUs that CUDA shows to this process, in its order; empty where it cannot be asked
 * @param conf backend and configured device
 */
record GpuRequest(boolean local, @Nullable List<String> addresses, List<String> visible, PagedAttentionConf conf) {

    /** The setting that says how many GPUs this process gets. */
    String amountKey() {
        return (local ? "spark.driver" : "spark.executor") + ".resource.gpu.amount";
    }
}
