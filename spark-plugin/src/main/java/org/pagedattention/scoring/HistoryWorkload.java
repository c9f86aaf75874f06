package org.pagedattention.scoring;

import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Tally;
import org.pagedattention.paging.HistoryBatcher;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.request.HistorySharing;
import org.pagedattention.tensor.TensorRef;

/** Attention of rows of q to histories, which come between them. */
final class HistoryWorkload implements Workload<History.Query> {
    /** Rows of a batch for each of its sequences, where many rows are one. */
    private static final int ROWS_OF_A_SEQUENCE = 16;

    private final HistoryPlan plan;
    private final AttentionWorkload attention;
    private final HistorySharing sharing;
    private final HistoryBatcher batcher;
    private @Nullable HistoryRows rows;

    HistoryWorkload(HistoryPlan plan, AttentionWorkload attention) {
        this.plan = plan;
        this.attention = attention;
        sharing = plan.sharing();
        AttentionSpec spec = attention.spec();
        long width = spec.type().bytes();
        batcher = new HistoryBatcher(
                attention.limits(),
                mostRows(),
                attention.layout(),
                attention.pageSize(),
                (spec.queryElements() + spec.outputElements()) * width,
                (spec.keyElements() + spec.valueElements()) * width);
    }

    AttentionWorkload attention() {
        return attention;
    }

    HistorySharing sharing() {
        return sharing;
    }

    HistoryBatcher batcher() {
        return batcher;
    }

    @Override
    public int mostRows() {
        int sequences = attention.limits().maxSequences();
        return sharing == HistorySharing.ONE_SEQUENCE ? ROWS_OF_A_SEQUENCE * sequences : sequences;
    }

    @Override
    public Iterator<InternalRow> rows(Iterator<InternalRow> all) {
        rows = new HistoryRows(all, plan);
        return rows;
    }

    @Override
    public History.Query read(InternalRow row) throws BadRow {
        if (rows == null) {
            throw new IllegalStateException("nobody said where histories come from");
        }
        History history = rows.of(row);
        TensorRef q = plan.attention().q().read(row);
        return new History.Query(attention.reader().of(q, history.k(), history.v()), history);
    }

    @Override
    public Batch<History.Query> open(History.Query first) {
        return new HistoryBatch(this, batcher.open(first.sequence().lengths()));
    }

    /** For rows whose numbers are too large for a batch. */
    @Override
    public Outcome alone(History.Query query) throws BadRow {
        SequenceLengths lengths = query.sequence().lengths();
        Tally tally = Tally.of(List.of(lengths))
                .add(Figure.ASKED_TOKENS, lengths.kvTokens())
                .add(Figure.EXACT_ROWS, 1);
        return new Outcome(attention.exact().score(query.sequence()), tally);
    }
}
