package org.pagedattention.cudnn;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.AttentionOutput;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;

/** Gives queries that see no key what the contract says, whatever a softmax over nothing came to. */
final class HiddenQueries {
    private HiddenQueries() {}

    /** Sets their rows to zero and their log-sum-exp to minus infinity. */
    static void clear(AttentionSpec spec, PagedBatch pages, AttentionOutput output) {
        for (int i = 0; i < pages.sequences(); i++) {
            SequenceLengths lengths = pages.lengths(i);
            // with no more queries than keys, every mask shows each query a key
            if (lengths.queryTokens() > lengths.kvTokens()) {
                clear(spec, lengths, pages.queryStart(i), output);
            }
        }
    }

    private static void clear(AttentionSpec spec, SequenceLengths lengths, int start, AttentionOutput output) {
        for (int t = 0; t < lengths.queryTokens(); t++) {
            if (hidden(spec.mask(), t, lengths)) {
                clearRow(spec, start + t, output);
            }
        }
    }

    /** Whether {@code query} of a sequence sees no key. */
    static boolean hidden(Mask mask, int query, SequenceLengths lengths) {
        int queries = lengths.queryTokens();
        int keys = lengths.kvTokens();
        return mask.endKey(query, queries, keys) <= mask.firstKey(query, queries, keys);
    }

    private static void clearRow(AttentionSpec spec, int token, AttentionOutput output) {
        int rowBytes = spec.outputElements() * spec.type().bytes();
        ByteBuffer o = output.o();
        for (int i = 0; i < rowBytes; i += 2) {
            o.putShort(token * rowBytes + i, (short) 0);
        }
        FloatBuffer lse = output.lse();
        for (int h = 0; lse != null && h < spec.queryHeads(); h++) {
            lse.put(token * spec.queryHeads() + h, Float.NEGATIVE_INFINITY);
        }
    }
}
