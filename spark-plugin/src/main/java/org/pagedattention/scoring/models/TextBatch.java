package org.pagedattention.scoring.models;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Tally;
import org.pagedattention.inference.ModelRun;
import org.pagedattention.inference.PreparedRow;
import org.pagedattention.inference.TextModel;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.scoring.BadRow;
import org.pagedattention.scoring.Batch;

/** Rows that go through a model in one pass. */
final class TextBatch<M extends TextModel> implements Batch<PreparedRow> {
    private final TextWorkload<M> workload;
    private final List<PreparedRow> rows = new ArrayList<>();
    private long tokens;
    private @Nullable ModelRun running;
    private @Nullable List<float[]> values;

    TextBatch(TextWorkload<M> workload) {
        this.workload = workload;
    }

    @Override
    public boolean takes(PreparedRow row) {
        return rows.isEmpty() || tokens + row.tokens().length() <= workload.mostTokens();
    }

    @Override
    public boolean add(PreparedRow row) {
        rows.add(row);
        tokens += row.tokens().length();
        return true;
    }

    @Override
    public Batch<PreparedRow> part(int from, int to) {
        TextBatch<M> part = new TextBatch<>(workload);
        rows.subList(from, to).forEach(part::add);
        return part;
    }

    @Override
    public void start() {
        stop();
        running = workload.model().start(rows.stream().map(PreparedRow::tokens).toList());
    }

    @Override
    public void await() {
        if (running == null) {
            throw new IllegalStateException("this batch was not started");
        }
        try {
            values = running.await();
        } finally {
            stop();
        }
    }

    /** What failed, or is done, holds no memory of a device. */
    private void stop() {
        ModelRun last = running;
        running = null;
        if (last != null) {
            last.close();
        }
    }

    @Override
    public Object[] result(int index) throws BadRow {
        if (values == null) {
            throw new IllegalStateException("nobody waited for this batch");
        }
        float[] computed = values.get(index);
        for (float value : computed) {
            if (!Float.isFinite(value)) {
                throw new BadRow(
                        "the model's answer is not finite",
                        "finite numbers (weights that overflow fp32 give others)",
                        Float.toString(value));
            }
        }
        return workload.plan().task().encode(workload.model(), rows.get(index), computed);
    }

    @Override
    public String size(int index) {
        return rows.get(index).tokens().length() + " tokens";
    }

    @Override
    public Tally tally() {
        List<SequenceLengths> lengths = rows.stream()
                .map(row ->
                        new SequenceLengths(row.tokens().length(), row.tokens().length()))
                .toList();
        return Tally.of(lengths)
                .add(Figure.BATCHES, 1)
                .add(Figure.COMPUTED_TOKENS, tokens)
                .add(
                        Figure.TRUNCATED,
                        rows.stream().filter(PreparedRow::truncated).count());
    }

    @Override
    public void close() {
        stop();
        rows.clear();
        values = null;
    }
}
