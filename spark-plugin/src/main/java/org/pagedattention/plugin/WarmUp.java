package org.pagedattention.plugin;

import java.util.Collections;
import java.util.List;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.paging.BatchLimits;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;

/** Makes kinds of attention ready. */
public final class WarmUp {
    /** A kernel's first plan takes a second, further shapes a twentieth of that; so a guess at lengths is worth it. */
    private static final int TOKENS = 512;

    private WarmUp() {}

    /**
     * Makes the configured ones ready, with and without the log-sum-exp.
     *
     * @throws IllegalArgumentException when the backend cannot compute one of them
     */
    static void run(AttentionBackend backend, PagedAttentionConf conf) {
        for (AttentionSpec spec : conf.warmUp()) {
            run(backend, spec, conf, false);
            run(backend, spec, conf, true);
        }
    }

    /**
     * Makes one ready for full batches.
     *
     * @param lse with the log-sum-exp
     * @throws IllegalArgumentException when the backend cannot compute it
     */
    public static void run(AttentionBackend backend, AttentionSpec spec, PagedAttentionConf conf, boolean lse) {
        // backends without the type compute in another one, which is the job's to choose
        if (backend.supports(spec.type())) {
            backend.warmUp(spec, fullBatch(spec, conf, conf.batch().limits(backend.name())), lse);
        }
    }

    static PagedBatch fullBatch(AttentionSpec spec, PagedAttentionConf conf, BatchLimits limits) {
        long elements = (long) spec.queryElements() + spec.keyElements() + spec.valueElements() + spec.outputElements();
        int sequences = limits.sequences(TOKENS, elements * spec.type().bytes());
        List<SequenceLengths> lengths = Collections.nCopies(sequences, new SequenceLengths(TOKENS, TOKENS));
        return PagedBatch.plan(conf.page().layout(), conf.page().size(), lengths);
    }
}
