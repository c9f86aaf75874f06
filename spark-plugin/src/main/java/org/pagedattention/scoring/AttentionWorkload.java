package org.pagedattention.scoring;

import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Tally;
import org.pagedattention.paging.BatchLimits;
import org.pagedattention.paging.HistoryBatcher;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.SequenceBatcher;
import org.pagedattention.request.Emit;
import org.pagedattention.scoring.sequences.AttentionRun;
import org.pagedattention.scoring.sequences.Sequence;

/**
 * Attention over rows of q, k and v: what they are, and what batches of them share.
 *
 * @param plan names the columns and the settings
 * @param spec what is computed, its type the compute type
 * @param backend computes it
 */
record AttentionWorkload(
        AttentionPlan plan,
        AttentionSpec spec,
        AttentionBackend backend,
        BatchLimits limits,
        SequenceBatcher batcher,
        SequenceReader reader,
        ResultEncoder encoder,
        ExactScorer exact)
        implements Workload<Sequence> {

    static AttentionWorkload of(AttentionPlan plan, AttentionSpec spec, AttentionBackend backend) {
        PagedAttentionConf conf = plan.options().conf();
        BatchLimits limits = conf.batch().limits(backend.name());
        int width = spec.type().bytes();
        SequenceBatcher batcher = new SequenceBatcher(
                limits,
                conf.page().layout(),
                conf.page().size(),
                (long) (spec.queryElements() + spec.outputElements()) * width,
                (long) (spec.keyElements() + spec.valueElements()) * width);
        ResultEncoder encoder = new ResultEncoder(plan.options(), plan.q().array(), spec);
        return new AttentionWorkload(
                plan,
                spec,
                backend,
                limits,
                batcher,
                new SequenceReader(plan, spec, Runtime.getRuntime().maxMemory()),
                encoder,
                new ExactScorer(spec, plan.options(), encoder));
    }

    PageLayout layout() {
        return plan.options().conf().page().layout();
    }

    /** Tokens of a page. */
    int pageSize() {
        return plan.options().conf().page().size();
    }

    /**
     * Fills batches with keys and values that several rows have in common.
     *
     * @param mostRows of a batch
     * @param copies of each row's queries and their output
     */
    HistoryBatcher sharingBatcher(int mostRows, int copies) {
        long width = spec.type().bytes();
        return new HistoryBatcher(
                limits,
                mostRows,
                layout(),
                pageSize(),
                copies * width * (spec.queryElements() + spec.outputElements()),
                (spec.keyElements() + spec.valueElements()) * width);
    }

    /** Memory for a batch, and its run. */
    AttentionRun run(int queryTokens, int slots) {
        return new AttentionRun(backend, spec, pageSize(), queryTokens, slots);
    }

    /** Whether the log-sum-exp is a result. */
    boolean wantsLse() {
        return plan.options().emit().contains(Emit.LSE);
    }

    @Override
    public int mostRows() {
        return limits.maxSequences();
    }

    @Override
    public Sequence read(InternalRow row) throws BadRow {
        return reader.read(row);
    }

    @Override
    public Batch<Sequence> open(Sequence first) {
        return new SequenceBatch(this, batcher.open(first.lengths()));
    }

    /** For sequences whose numbers are too large for a batch. */
    @Override
    public Outcome alone(Sequence sequence) throws BadRow {
        return new Outcome(
                exact.score(sequence), Tally.of(List.of(sequence.lengths())).add(Figure.EXACT_ROWS, 1));
    }
}
