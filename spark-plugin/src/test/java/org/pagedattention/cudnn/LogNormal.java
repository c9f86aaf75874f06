package org.pagedattention.cudnn;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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
        List<PagedBatch> batches = new ArrayList<>();
        Random random = new Random(7);
        for (int p = 0; p < PARTITIONS; p++) {
            SequenceBatcher batcher = new SequenceBatcher(
                    new BatchLimits(512, 1 << 16, 1 << 30),
                    layout,
                    pageSize,
                    (long) (spec.queryElements() + spec.outputElements()) * width,
                    (long) (spec.keyElements() + spec.valueElements()) * width);
            List<SequenceLengths> batch = new ArrayList<>();
            SequenceBatcher.Room room = null;
            for (int i = 0; i < SEQUENCES / PARTITIONS; i++) {
                SequenceLengths next = self(length(random));
                if (room == null || !room.takes(next)) {
                    room = batcher.open(next);
                    add(batches, layout, pageSize, batch);
                }
                room.add(next);
                batch.add(next);
            }
            add(batches, layout, pageSize, batch);
        }
        return batches;
    }

    private static void add(List<PagedBatch> batches, PageLayout layout, int pageSize, List<SequenceLengths> batch) {
        if (!batch.isEmpty()) {
            batches.add(PagedBatch.plan(layout, pageSize, batch));
            batch.clear();
        }
    }

    private static int length(Random random) {
        double tokens = Math.exp(Math.log(MEAN) - SIGMA * SIGMA / 2 + SIGMA * random.nextGaussian());
        return (int) Math.max(1, Math.min(LONGEST, tokens));
    }

    private static SequenceLengths self(int tokens) {
        return new SequenceLengths(tokens, tokens);
    }
}
