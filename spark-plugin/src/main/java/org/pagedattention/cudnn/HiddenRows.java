package org.pagedattention.cudnn;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.gpu.GpuStream;
import org.pagedattention.paging.PagedBatch;

/**
 * Queries of a batch that see no key, as runs of tokens, to be cleared where they lie in device memory.
 *
 * @param runs of query tokens, in order
 */
record HiddenRows(AttentionSpec spec, List<Run> runs) {

    /** Query tokens {@code first} to {@code first + count - 1} of a batch. */
    record Run(int first, int count) {}

    static HiddenRows of(AttentionSpec spec, PagedBatch pages) {
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < pages.sequences(); i++) {
            int begin = -1;
            int queries = pages.lengths(i).queryTokens();
            // with no more queries than keys, every mask shows each query a key
            boolean possible = queries > pages.lengths(i).kvTokens();
            for (int t = 0; possible && t <= queries; t++) {
                boolean hidden = t < queries && HiddenQueries.hidden(spec.mask(), t, pages.lengths(i));
                if (hidden && begin < 0) {
                    begin = t;
                } else if (!hidden && begin >= 0) {
                    runs.add(new Run(pages.queryStart(i) + begin, t - begin));
                    begin = -1;
                }
            }
        }
        return new HiddenRows(spec, List.copyOf(runs));
    }

    /** Host memory that {@link #clear} needs: minus infinity, as often as the longest run needs it. */
    long hostBytes() {
        int longest = runs.stream().mapToInt(Run::count).max().orElse(0);
        return (long) longest * spec.queryHeads() * Float.BYTES;
    }

    /** Enqueues zeros for their output and minus infinity for their log-sum-exp. */
    void clear(GpuStream stream, DeviceTensors tensors, ByteBuffer host, long hostAddress, long at) {
        long rowBytes = (long) spec.outputElements() * spec.type().bytes();
        long lseBytes = (long) spec.queryHeads() * Float.BYTES;
        for (int i = 0; i < hostBytes(); i += Float.BYTES) {
            host.putFloat((int) at + i, Float.NEGATIVE_INFINITY);
        }
        for (Run run : runs) {
            stream.fill(tensors.output() + run.first() * rowBytes, 0, run.count() * rowBytes);
            if (tensors.wantsLse()) {
                stream.upload(tensors.lse() + run.first() * lseBytes, hostAddress + at, run.count() * lseBytes);
            }
        }
    }
}
