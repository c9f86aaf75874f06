package org.pagedattention.direct;

import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.columns.ColumnScorer;
import org.pagedattention.columns.GpuShare;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.device.GpuLimits;
import org.pagedattention.direct.parquet.ChunkSize;
import org.pagedattention.gpu.HostMemory;
import org.pagedattention.gpu.cudf.CudfMemoryRequest;

/** The GPU as the tasks of this process share it. Set by the first task, because memory is taken once in a process. */
final class ExecutorGpu {
    private static @Nullable GpuShare shared;

    private ExecutorGpu() {}

    /**
     * What the tasks of this process share; takes GPU memory when it is the first call.
     *
     * @param pieces that tasks work on here at once
     * @param tableBytes of the table
     */
    static synchronized GpuShare open(AttentionBackend backend, PagedAttentionConf conf, int pieces, long tableBytes) {
        GpuLimits limits = conf.gpu().limits();
        CudfMemoryRequest request = new CudfMemoryRequest(
                limits.memoryFraction(),
                ChunkSize.pinnedBytes(limits.pinnedBytes(), pieces, tableBytes, HostMemory.totalBytes()));
        long pool = ColumnScorer.prepare(backend, request);
        if (shared == null) {
            int places = ChunkSize.places(pool, pieces, limits.concurrentBatches());
            shared = new GpuShare(places, ChunkSize.of(pool, places), ChunkSize.SMALLEST);
        }
        return shared;
    }
}
