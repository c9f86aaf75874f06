package org.pagedattention.cudnn;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.paging.BatchLimits;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceBatcher;
import org.pagedattention.paging.SequenceLengths;

/** What a job over many sequences of log-normal length gives a backend to do. */
final class LogNormal {
    private static final int SEQUENCES = 5000;
    private static final int PARTITIONS = 4;
    private static final double MEAN = 512;
    private static final double SIGMA = 1;
    private static final int LONGEST = 8192;

    private LogNormal() {}

    static List<PagedBatch> batches(PageLayout layout, int pageSize, AttentionSpec spec) {
        int width = spec.type().bytes();
        SequenceBatcher batcher = new SequenceBatcher(
                new BatchLimits(512, 1 << 16, 1 << 30),
                (long) (spec.queryElements() + spec.outputElements()) * width,
                (long) (spec.keyElements() + spec.valueElements()) * width);
        List<PagedBatch> batches = new ArrayList<>();
        Random random = new Random(7);
        for (int p = 0; p < PARTITIONS; p++) {
            List<SequenceLengths> window = IntStream.range(0, SEQUENCES / PARTITIONS)
                    .mapToObj(i -> self(length(random)))
                    .toList();
            for (List<Integer> batch : batcher.batches(window)) {
                batches.add(PagedBatch.plan(
                        layout, pageSize, batch.stream().map(window::get).toList()));
            }
        }
        return batches;
    }

    private static int length(Random random) {
        double tokens = Math.exp(Math.log(MEAN) - SIGMA * SIGMA / 2 + SIGMA * random.nextGaussian());
        return (int) Math.max(1, Math.min(LONGEST, tokens));
    }

    private static SequenceLengths self(int tokens) {
        return new SequenceLengths(tokens, tokens);
    }
}
