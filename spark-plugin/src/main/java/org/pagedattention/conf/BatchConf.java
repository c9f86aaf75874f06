package org.pagedattention.conf;

import java.io.Serializable;
import org.pagedattention.paging.BatchLimits;

/**
 * How large batches may grow.
 *
 * @param maxTokens tokens of a batch, the longer of a sequence's query and key side counted
 * @param maxSequences sequences of a batch; 0 for what suits the job
 * @param maxBytes bytes of Q, K, V and O of a batch; 0 for the backend's own choice
 */
public record BatchConf(long maxTokens, int maxSequences, long maxBytes) implements Serializable {
    private static final int SEQUENCES = 1024;
    private static final int TEXTS = 8192;

    static BatchConf read(Settings settings) {
        return new BatchConf(
                settings.read(
                        "batch.maxTokens",
                        "262144",
                        Parsers.wholeNumber(1, Integer.MAX_VALUE),
                        "Tokens of a batch; a sequence counts the longer of its query and key side, one above the limit goes alone"),
                settings.read(
                        "batch.maxSequences",
                        "auto",
                        Parsers.numberOrAuto(1, 1 << 16),
                        "Sequences of a batch; `auto`: 1024, and 8192 short texts of `embed` and `classify`"),
                settings.read(
                        "batch.maxBytes",
                        "auto",
                        Parsers.bytesOrAuto(1L << 30),
                        "Bytes of Q, K, V and O of a batch, such as `64m`, at most `1g`; `auto`: 8m on the CPU, 64m on a GPU"));
    }

    /** Sequences of a batch whose tokens are large. */
    public int sequences() {
        return maxSequences > 0 ? maxSequences : SEQUENCES;
    }

    /** Sequences of a batch whose tokens are a few bytes each. */
    public int texts() {
        return maxSequences > 0 ? maxSequences : TEXTS;
    }

    /** The limits on a backend. */
    public BatchLimits limits(String backend) {
        long auto = backend.equals(BackendName.CPU.toString()) ? 8L << 20 : 64L << 20;
        return new BatchLimits(sequences(), maxTokens, maxBytes > 0 ? maxBytes : auto);
    }
}
