package org.pagedattention.scoring.models;

import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.pagedattention.executor.ExecutorModels;
import org.pagedattention.inference.PreparedRow;
import org.pagedattention.inference.TextModel;
import org.pagedattention.request.TextRequest;
import org.pagedattention.scoring.BadRow;
import org.pagedattention.scoring.Batch;
import org.pagedattention.scoring.Workload;

/** A model over the rows of one task; texts become tokens in the task's own thread, one by one. */
record TextWorkload<M extends TextModel>(TextPlan<M> plan, ExecutorModels.Lease<M> lease)
        implements Workload<PreparedRow> {

    M model() {
        return lease.model();
    }

    /** Tokens of a batch. */
    long mostTokens() {
        return Math.min(plan.request().conf().batch().maxTokens(), model().passTokens());
    }

    @Override
    public int mostRows() {
        return plan.request().conf().batch().texts();
    }

    @Override
    public PreparedRow read(InternalRow row) throws BadRow {
        PreparedRow prepared = plan.source().read(row, model());
        if (prepared.truncated() && plan.request().onLong() == TextRequest.OnLong.FAIL) {
            throw new BadRow(
                    "the row has more tokens than are taken",
                    "at most " + model().longest() + " tokens, or rows cut to that (on long rows: truncate)",
                    "more");
        }
        Optional<String> problem = model().problem(prepared.tokens());
        if (problem.isPresent()) {
            throw new BadRow("the model cannot take the row", "tokens of its vocabulary", problem.get());
        }
        return prepared;
    }

    @Override
    public Batch<PreparedRow> open(PreparedRow first) {
        return new TextBatch<>(this);
    }

    @Override
    public void close() {
        lease.close();
    }
}
