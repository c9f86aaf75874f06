package org.pagedattention.paging;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/**
 * Cuts a window of sequences into batches within a budget. Sequences of like length go together (each bucket spans a
 * factor of two), so that one long sequence does not stretch a batch of short ones.
 */
public final class SequenceBatcher {
    private final BatchLimits limits;
    private final long queryTokenBytes;
    private final long kvTokenBytes;

    /**
     * @param queryTokenBytes bytes of one token of Q and O together
     * @param kvTokenBytes bytes of one token of K and V together
     */
    public SequenceBatcher(BatchLimits limits, long queryTokenBytes, long kvTokenBytes) {
        this.limits = limits;
        this.queryTokenBytes = queryTokenBytes;
        this.kvTokenBytes = kvTokenBytes;
    }

    /** Bytes that a sequence takes in a batch: Q, K, V and O. */
    public long bytes(SequenceLengths lengths) {
        return lengths.queryTokens() * queryTokenBytes + lengths.kvTokens() * kvTokenBytes;
    }

    /**
     * Batches of indices into {@code window}, every index exactly once; within a batch indices ascend, and batches come
     * in the order of their first index.
     */
    public List<List<Integer>> batches(List<SequenceLengths> window) {
        List<List<Integer>> batches = new ArrayList<>();
        TreeMap<Integer, OpenBatch> open = new TreeMap<>();
        for (int i = 0; i < window.size(); i++) {
            SequenceLengths lengths = window.get(i);
            OpenBatch batch = open.get(bucket(lengths));
            if (batch == null || !batch.takes(lengths)) {
                batch = new OpenBatch();
                batches.add(batch.indices);
                open.put(bucket(lengths), batch);
            }
            batch.add(i, lengths);
        }
        batches.sort(Comparator.comparing(batch -> batch.get(0)));
        return batches;
    }

    /** Lengths above a power of two, up to and with the next, share a bucket. */
    static int bucket(SequenceLengths lengths) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(0, lengths.tokens() - 1));
    }

    private final class OpenBatch {
        private final List<Integer> indices = new ArrayList<>();
        private long tokens;
        private long bytes;

        boolean takes(SequenceLengths lengths) {
            return indices.size() < limits.maxSequences()
                    && tokens + lengths.tokens() <= limits.maxTokens()
                    && bytes + bytes(lengths) <= limits.maxBytes();
        }

        void add(int index, SequenceLengths lengths) {
            indices.add(index);
            tokens += lengths.tokens();
            bytes += bytes(lengths);
        }

        private long bytes(SequenceLengths lengths) {
            return SequenceBatcher.this.bytes(lengths);
        }
    }
}
