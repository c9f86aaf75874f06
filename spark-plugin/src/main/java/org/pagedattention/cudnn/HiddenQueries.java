package org.pagedattention.cudnn;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.gpu.GpuStream;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;

/**
 * Queries of a batch that see no key. They get what the contract says, whatever a softmax over nothing came to.
 *
 * @param heads of a query
 * @param runs of such queries, in order
 */
record HiddenQueries(int heads, List<Run> runs) {

    /** Query tokens {@code first} to {@code first + count - 1} of a batch. */
    record Run(int first, int count) {}

    static HiddenQueries of(AttentionSpec spec, PagedBatch pages) {
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < pages.sequences(); i++) {
            // with no more queries than keys, every mask shows each query a key
            if (pages.lengths(i).queryTokens() > pages.lengths(i).kvTokens()) {
                addRuns(spec.mask(), pages.lengths(i), pages.queryStart(i), runs);
            }
        }
        return new HiddenQueries(spec.queryHeads(), List.copyOf(runs));
    }

    private static void addRuns(Mask mask, SequenceLengths lengths, int start, List<Run> runs) {
        int begin = -1;
        for (int t = 0; t <= lengths.queryTokens(); t++) {
            boolean hidden = t < lengths.queryTokens() && hidden(mask, t, lengths);
            if (hidden && begin < 0) {
                begin = t;
            } else if (!hidden && begin >= 0) {
                runs.add(new Run(start + begin, t - begin));
                begin = -1;
            }
        }
    }

    private static boolean hidden(Mask mask, int query, SequenceLengths lengths) {
        int queries = lengths.queryTokens();
        int keys = lengths.kvTokens();
        return mask.endKey(query, queries, keys) <= mask.firstKey(query, queries, keys);
    }

    /** Host memory that {@link #clear} needs: minus infinity, as often as the longest run needs it. */
    long hostBytes() {
        int longest = runs.stream().mapToInt(Run::count).max().orElse(0);
        return (long) longest * heads * Float.BYTES;
    }

    /**
     * Enqueues zeros for their output and minus infinity for their log-sum-exp.
     *
     * @param output address of all queries' output
     * @param headBytes of one head there
     * @param lse address of all queries' log-sum-exp; 0 when there is none
     * @param host pinned memory, of which {@link #hostBytes} from {@code hostAt} on are free
     */
    void clear(GpuStream stream, long output, long headBytes, long lse, MemoryBlock host, long hostAt) {
        if (lse != 0) {
            ByteBuffer buffer = host.buffer();
            for (int i = 0; i < hostBytes(); i += Float.BYTES) {
                buffer.putFloat((int) hostAt + i, Float.NEGATIVE_INFINITY);
            }
        }
        for (Run run : runs) {
            long first = (long) run.first() * heads;
            long count = (long) run.count() * heads;
            stream.fill(output + first * headBytes, 0, count * headBytes);
            if (lse != 0) {
                stream.upload(lse + first * Float.BYTES, host.address() + hostAt, count * Float.BYTES);
            }
        }
    }
}
