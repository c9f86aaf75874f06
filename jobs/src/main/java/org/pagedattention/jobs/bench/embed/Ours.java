package org.pagedattention.jobs.bench.embed;

import java.util.ArrayList;
import java.util.List;
import org.pagedattention.inference.Embedder;
import org.pagedattention.model.TokenIds;

/** Our embedder: a thread a task, as Spark runs it, and all tasks share one model. */
public final class Ours extends Side {
    private final Embedder embedder;
    private final int threads;
    private final int passTokens;

    /**
     * @param embedder whose backend computes on the calling thread alone
     * @param passTokens most tokens of a pass
     */
    public Ours(Embedder embedder, int threads, int passTokens) {
        super(embedder, threads, threads);
        this.embedder = embedder;
        this.threads = threads;
        this.passTokens = passTokens;
    }

    @Override
    public String name() {
        return "ours";
    }

    @Override
    public String use() {
        return "passes of " + passTokens + " tokens, " + threads + " x 1 thread";
    }

    @Override
    protected List<List<Integer>> batches(List<TokenIds> rows) {
        List<List<Integer>> batches = new ArrayList<>();
        List<Integer> batch = new ArrayList<>();
        int tokens = 0;
        for (int i = 0; i < rows.size(); i++) {
            if (!batch.isEmpty() && tokens + rows.get(i).length() > passTokens) {
                batches.add(batch);
                batch = new ArrayList<>();
                tokens = 0;
            }
            batch.add(i);
            tokens += rows.get(i).length();
        }
        batches.add(batch);
        return batches;
    }

    @Override
    protected List<float[]> run(List<TokenIds> rows) {
        return embedder.run(rows);
    }
}
