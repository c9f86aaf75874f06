package org.pagedattention.jobs.bench.embed;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.pagedattention.inference.Embedder;
import org.pagedattention.model.TokenIds;

/** One way to make vectors of texts. Both sides tokenize alike, on all threads. */
public abstract class Side implements AutoCloseable {
    private final Tasks tokenizing;
    private final Tasks tasks;
    private final Embedder tokenizer;

    /**
     * @param threads of all tasks together
     * @param taskCount tasks that compute batches
     */
    protected Side(Embedder tokenizer, int threads, int taskCount) {
        this.tokenizer = tokenizer;
        tokenizing = new Tasks(threads);
        tasks = new Tasks(taskCount);
    }

    /** Whose way it is. */
    public abstract String name();

    /** How texts are put together, and by how many threads. */
    public abstract String use();

    /** Which rows go together, by their numbers. */
    protected abstract List<List<Integer>> batches(List<TokenIds> rows);

    /** The vectors of one batch. */
    protected abstract List<float[]> run(List<TokenIds> rows);

    /** The vectors of all texts, in their order. */
    public final List<float[]> embed(List<String> texts) {
        TokenIds[] rows = new TokenIds[texts.size()];
        tokenizing.share(
                rows.length,
                i -> rows[i] = tokenizer.prepare(texts.get(i), null).tokens());
        List<List<Integer>> batches = batches(Arrays.asList(rows));
        float[][] vectors = new float[rows.length][];
        tasks.share(batches.size(), b -> {
            List<TokenIds> batch = new ArrayList<>();
            batches.get(b).forEach(i -> batch.add(rows[i]));
            List<float[]> made = run(batch);
            for (int i = 0; i < made.size(); i++) {
                vectors[batches.get(b).get(i)] = made.get(i);
            }
        });
        return List.of(vectors);
    }

    @Override
    public void close() {
        tokenizing.close();
        tasks.close();
    }
}
