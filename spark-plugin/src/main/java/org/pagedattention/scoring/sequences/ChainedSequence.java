package org.pagedattention.scoring.sequences;

import org.apache.spark.sql.catalyst.expressions.XXH64;
import org.apache.spark.unsafe.Platform;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.tensor.TensorRef;

/** A row, and for each of its pages a hash of the keys and values there and in all pages before it. */
public final class ChainedSequence {
    private final Sequence sequence;
    private final long[] chain;

    private ChainedSequence(Sequence sequence, long[] chain) {
        this.sequence = sequence;
        this.chain = chain;
    }

    public Sequence sequence() {
        return sequence;
    }

    /** Pages, the last of which may be a part of one. */
    public int pages() {
        return chain.length;
    }

    /** Of a page and all before it. */
    public long hash(int page) {
        return chain[page];
    }

    /** Hashes a row whose keys and values lie in the heap. */
    public static ChainedSequence of(Sequence sequence, AttentionSpec spec, int pageSize) {
        int tokens = sequence.lengths().kvTokens();
        long[] chain = new long[PagedBatch.pagesFor(tokens, pageSize)];
        long hash = 0;
        for (int page = 0; page < chain.length; page++) {
            int first = page * pageSize;
            int count = Math.min(pageSize, tokens - first);
            hash = hash(sequence.k().tokens(first, count, spec.keyElements()), hash);
            hash = hash(sequence.v().tokens(first, count, spec.valueElements()), hash);
            chain[page] = hash;
        }
        return new ChainedSequence(sequence, chain);
    }

    private static long hash(TensorRef tensor, long seed) {
        long at = (long) Platform.BYTE_ARRAY_OFFSET + tensor.bytes().arrayOffset() + tensor.offset();
        return XXH64.hashUnsafeBytes(tensor.bytes().array(), at, tensor.length(), seed);
    }
}
