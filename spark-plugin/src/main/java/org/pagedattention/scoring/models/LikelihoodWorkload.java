package org.pagedattention.scoring.models;

import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.pagedattention.conf.BatchConf;
import org.pagedattention.executor.ExecutorModels;
import org.pagedattention.inference.LikelihoodFlow;
import org.pagedattention.inference.LikelihoodModel;
import org.pagedattention.request.TextRequest;
import org.pagedattention.scoring.BadRow;
import org.pagedattention.scoring.Batch;
import org.pagedattention.scoring.Workload;

/**
 * A language model over the rows of one task, which looks ahead for rows that begin alike.
 *
 * @param flow the passes of all of the task's windows
 */
record LikelihoodWorkload(LikelihoodPlan plan, ExecutorModels.Lease<LikelihoodModel> lease, LikelihoodFlow flow)
        implements Workload<LikelihoodItem> {
    /** Passes of usual size, and batches of rows, that are looked ahead. */
    private static final int PASSES = 256;

    private static final int BATCHES = 16;

    /** Tokens that are looked ahead at most: a few bytes each, and two windows are held at a time. */
    private static final long MOST_TOKENS = 1 << 20;

    static LikelihoodWorkload of(LikelihoodPlan plan, ExecutorModels.Lease<LikelihoodModel> lease) {
        BatchConf batch = plan.request().conf().batch();
        return new LikelihoodWorkload(plan, lease, lease.model().flow(batch.maxTokens(), batch.sequences()));
    }

    LikelihoodModel model() {
        return lease.model();
    }

    /** Tokens of a pass at most. */
    long mostTokens() {
        return plan.request().conf().batch().maxTokens();
    }

    /** Sequences of a pass at most. */
    int mostSequences() {
        return plan.request().conf().batch().sequences();
    }

    /** Tokens that are looked ahead, in rows that share none of them. */
    long windowTokens() {
        return Math.min(MOST_TOKENS, (long) PASSES * Math.min(mostTokens(), model().passTokens()));
    }

    @Override
    public int mostRows() {
        return BATCHES * mostSequences();
    }

    @Override
    public LikelihoodItem read(InternalRow row) throws BadRow {
        // a device that has done its work gets more of it meanwhile
        flow.progress();
        LikelihoodItem item = plan.source().read(row, model().rules());
        if (item.row().truncated() && plan.request().onLong() == TextRequest.OnLong.FAIL) {
            throw new BadRow(
                    "the row has more tokens than are taken",
                    "at most " + model().longest() + " tokens before the last one, or rows cut to that (on long rows:"
                            + " truncate)",
                    "more");
        }
        Optional<String> problem = model().problem(item.row());
        if (problem.isPresent()) {
            throw new BadRow("the model cannot take the row", "tokens of its vocabulary", problem.get());
        }
        return item;
    }

    @Override
    public Batch<LikelihoodItem> open(LikelihoodItem first) {
        return new LikelihoodBatch(this);
    }

    @Override
    public void close() {
        try (lease) {
            flow.close();
        }
    }
}
