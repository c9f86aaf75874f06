package org.pagedattention.scoring.models;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.jspecify.annotations.Nullable;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Tally;
import org.pagedattention.inference.LikelihoodModel;
import org.pagedattention.inference.LikelihoodWindow;
import org.pagedattention.likelihood.Likelihood;
import org.pagedattention.likelihood.ScoredRow;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.scoring.BadRow;
import org.pagedattention.scoring.Batch;

/** A window of rows, which goes through a model in as many passes as it takes, those that begin alike together. */
final class LikelihoodBatch implements Batch<LikelihoodItem> {
    private final LikelihoodWorkload workload;
    private final List<LikelihoodItem> items = new ArrayList<>();
    private long tokens;
    private @Nullable LikelihoodWindow window;
    private @Nullable List<Likelihood> found;

    LikelihoodBatch(LikelihoodWorkload workload) {
        this.workload = workload;
    }

    @Override
    public boolean takes(LikelihoodItem item) {
        return items.isEmpty() || tokens + item.row().fed() <= workload.windowTokens();
    }

    @Override
    public boolean add(LikelihoodItem item) {
        items.add(item);
        tokens += item.row().fed();
        return true;
    }

    @Override
    public Batch<LikelihoodItem> part(int from, int to) {
        LikelihoodBatch part = new LikelihoodBatch(workload);
        items.subList(from, to).forEach(part::add);
        return part;
    }

    @Override
    public void start() {
        stop();
        found = null;
        window = workload.flow()
                .open(rows().stream().flatMap(row -> row.parts().stream()).toList());
    }

    @Override
    public void await() {
        LikelihoodWindow started = window;
        if (started == null) {
            throw new IllegalStateException("this batch was not started");
        }
        found = LikelihoodModel.ofRows(rows(), workload.flow().await(started));
    }

    private List<ScoredRow> rows() {
        return items.stream().map(LikelihoodItem::row).toList();
    }

    private void stop() {
        LikelihoodWindow last = window;
        window = null;
        if (last != null) {
            workload.flow().abandon(last);
        }
    }

    @Override
    public Object[] result(int index) throws BadRow {
        if (found == null) {
            throw new IllegalStateException("nobody waited for this batch");
        }
        Likelihood likelihood = found.get(index);
        if (!Double.isFinite(likelihood.sum())) {
            throw new BadRow(
                    "the model's answer is not finite",
                    "a finite log-likelihood (weights that overflow fp32 give others)",
                    Double.toString(likelihood.sum()));
        }
        LikelihoodItem item = items.get(index);
        List<Object> values = new ArrayList<>(List.of(
                likelihood.sum(),
                item.row().tokens(),
                likelihood.greedy(),
                item.row().truncated()));
        if (!workload.plan().source().ids()) {
            values.add(item.bytes());
            values.add(item.words());
        }
        if (workload.plan().request().tokenLogProbs()) {
            values.add(UnsafeArrayData.fromPrimitiveArray(likelihood.tokenLogProbs()));
        }
        return values.toArray();
    }

    @Override
    public String size(int index) {
        return items.get(index).row().fed() + " tokens";
    }

    @Override
    public Tally tally() {
        List<SequenceLengths> lengths = items.stream()
                .map(item -> new SequenceLengths(item.row().fed(), item.row().fed()))
                .toList();
        Tally done = new Tally();
        if (window != null) {
            done.add(Figure.BATCHES, window.passes())
                    .add(Figure.COMPUTED_TOKENS, window.tokens())
                    .add(Figure.SPLITS, window.splits());
        }
        return Tally.of(lengths)
                .add(done)
                .add(
                        Figure.SCORED_TOKENS,
                        items.stream().mapToLong(item -> item.row().tokens()).sum())
                .add(
                        Figure.TRUNCATED,
                        items.stream().filter(item -> item.row().truncated()).count());
    }

    @Override
    public void close() {
        stop();
        items.clear();
        found = null;
    }
}
