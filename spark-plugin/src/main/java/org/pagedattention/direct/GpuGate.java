package org.pagedattention.direct;

import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionBackend;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.cudnn.columns.ColumnScorer;
import org.pagedattention.gpu.cudf.CudfMemoryRequest;

/**
 * What the tasks of one executor share: how many of them use the GPU at once, and how much of a file they decode at a
 * time. Set by the first task, because memory is taken once in a process.
 */
final class GpuGate {
    private static @Nullable GpuGate shared;

    private final Semaphore permits;
    private final long poolBytes;
    private long chunkBytes;

    private GpuGate(int permits, long poolBytes) {
        this.permits = new Semaphore(permits, true);
        this.poolBytes = poolBytes;
        this.chunkBytes = ChunkSize.of(poolBytes, permits);
    }

    /** The gate of this process; takes GPU memory when it is the first call. */
    static synchronized GpuGate open(AttentionBackend backend, PagedAttentionConf conf, int taskSlots) {
        CudfMemoryRequest request = new CudfMemoryRequest(
                conf.gpuMemoryFraction(),
                Long.getLong("pagedattention.test.gpuPoolBytes", 0),
                ChunkSize.pinnedBytes(conf.gpuPinnedBytes(), taskSlots));
        long pool = ColumnScorer.prepare(backend, request);
        if (shared == null) {
            shared = new GpuGate(conf.gpuConcurrentBatches(), pool);
        }
        return shared;
    }

    Semaphore permits() {
        return permits;
    }

    long poolBytes() {
        return poolBytes;
    }

    /** Bytes of columns to decode at a time. */
    synchronized long chunkBytes() {
        return chunkBytes;
    }

    /**
     * Makes chunks smaller for all tasks, after memory ran out with chunks of {@code failed} bytes.
     *
     * @return whether that is possible
     */
    synchronized boolean halve(long failed) {
        if (failed <= ChunkSize.SMALLEST) {
            return false;
        }
        chunkBytes = Math.min(chunkBytes, Math.max(ChunkSize.SMALLEST, failed / 2));
        return true;
    }
}
