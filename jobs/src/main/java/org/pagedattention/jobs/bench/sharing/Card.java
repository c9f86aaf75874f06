package org.pagedattention.jobs.bench.sharing;

import java.util.Arrays;
import java.util.Collections;
import java.util.Optional;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.BackendChoice;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.conf.BackendName;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.cudnn.RandomLaunches;
import org.pagedattention.cudnn.RandomLaunches.Repeatable;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.request.HistorySharing;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.tensor.ElementType;

/**
 * What the GPU can do without anything else in the way. For one thread.
 *
 * @param copied bytes that a plain copy within its memory reads and writes in a second
 */
record Card(BackendSettings settings, double copied) {
    private static final long COPY_BYTES = 2L << 30;
    private static final int SAMPLES = 7;
    private static final int LAUNCHES = 10;

    /** Measures the GPU that such jobs use here; empty where they use none. */
    static Optional<Card> of(PagedAttentionConf conf) {
        BackendSettings settings = conf.backendSettings(1);
        BackendChoice choice = BackendChoice.choose(conf.backend().toString(), settings, BackendChoice.installed());
        if (!BackendName.CUDNN.is(choice)) {
            return Optional.empty();
        }
        try (RandomLaunches launches = RandomLaunches.open(settings);
                Repeatable copy = launches.copy(COPY_BYTES)) {
            return Optional.of(new Card(settings, 2.0 * COPY_BYTES / seconds(launches, copy)));
        }
    }

    /**
     * Seconds that the kernel takes for one batch, whose keys and values lie in the GPU's memory.
     *
     * @param histories in the batch
     * @param tokens of each
     * @param rows that ask each
     * @param queries tokens of each row
     */
    double kernel(ScoringOptions options, int histories, int tokens, int rows, int queries) {
        AttentionSpec spec = options.spec().withType(computeType(options));
        PagedBatch owned = PagedBatch.plan(
                options.conf().page().layout(),
                options.conf().page().size(),
                Collections.nCopies(histories, new SequenceLengths(rows * queries, tokens)));
        PagedBatch pages =
                HistorySharing.of(options) == HistorySharing.ONE_SEQUENCE ? owned : shared(owned, rows, queries);
        try (RandomLaunches launches = RandomLaunches.open(settings);
                Repeatable attention = launches.chosen(spec, pages)) {
            return seconds(launches, attention);
        }
    }

    private static PagedBatch shared(PagedBatch owned, int rows, int queries) {
        int[] owners = new int[owned.sequences() * rows];
        Arrays.setAll(owners, i -> i / rows);
        int[] queryTokens = new int[owners.length];
        Arrays.fill(queryTokens, queries);
        return owned.sharedBy(owners, queryTokens);
    }

    private static ElementType computeType(ScoringOptions options) {
        ElementType asked = options.computeType();
        ElementType stored = options.spec().type();
        return asked != null ? asked : stored == ElementType.FP32 ? ElementType.BF16 : stored;
    }

    private static double seconds(RandomLaunches launches, Repeatable work) {
        launches.millis(work, 2);
        double[] millis = new double[SAMPLES];
        Arrays.setAll(millis, sample -> launches.millis(work, LAUNCHES));
        Arrays.sort(millis);
        return millis[SAMPLES / 2] / 1e3;
    }
}
