package org.pagedattention.scoring;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Tally;
import org.pagedattention.paging.HistoryBatcher;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.request.HistorySharing;
import org.pagedattention.scoring.sequences.History;
import org.pagedattention.scoring.sequences.Sequence;

/** Attention of rows to histories, which come between them. */
final class HistoryWorkload implements Workload<History.Query> {
    /** Rows of a batch for each of its sequences, where many rows are one. */
    private static final int ROWS_OF_A_SEQUENCE = 16;

    private final HistoryPlan plan;
    private final AttentionWorkload attention;
    private final HistorySharing sharing;
    private final HistoryBatcher batcher;
    private @Nullable HistoryRows rows;

    HistoryWorkload(HistoryPlan plan, AttentionWorkload attention, HistorySharing sharing) {
        this.plan = plan;
        this.attention = attention;
        this.sharing = sharing;
        batcher = attention.sharingBatcher(mostRows(), merges() ? 2 : 1);
    }

    AttentionWorkload attention() {
        return attention;
    }

    HistorySharing sharing() {
        return sharing;
    }

    /** Whether queries attend to their prefix and to keys of their own apart. */
    boolean merges() {
        return sharing == HistorySharing.MERGED;
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
        Sequence sequence = plan.prefixes()
                ? attention.reader().behind(history, row)
                : attention.reader().of(plan.attention().q().read(row), history.k(), history.v());
        return new History.Query(sequence, history);
    }

    @Override
    public Batch<History.Query> open(History.Query first) {
        SequenceLengths lengths = first.sequence().lengths();
        return plan.prefixes()
                ? new PrefixBatch(
                        this,
                        batcher.open(new SequenceLengths(lengths.queryTokens(), prefixTokens(first)), ownSlots(first)))
                : new HistoryBatch(this, batcher.open(lengths, 0));
    }

    /** Tokens of a row's prefix. */
    int prefixTokens(History.Query query) {
        return query.history().k().elements() / attention.spec().keyElements();
    }

    /** Tokens that a row has behind its prefix. */
    int ownTokens(History.Query query) {
        return query.sequence().k().elements() / attention.spec().keyElements();
    }

    /** Tokens at the end of a row's prefix whose page the row's own tokens go on with. */
    int tail(History.Query query) {
        return merges() || ownTokens(query) == 0 ? 0 : prefixTokens(query) % attention.pageSize();
    }

    /** Container slots that a row takes behind its prefix. */
    int ownSlots(History.Query query) {
        return batcher.slots(tail(query) + ownTokens(query));
    }

    /** Room for certain rows behind their prefixes, and no others. */
    HistoryBatcher.Room exactly(List<History.Query> queries) {
        List<Integer> regions = new ArrayList<>();
        int queryTokens = 0;
        History last = null;
        for (History.Query query : queries) {
            if (query.history() != last) {
                last = query.history();
                regions.add(prefixTokens(query));
            }
            regions.add(tail(query) + ownTokens(query));
            queryTokens += query.sequence().lengths().queryTokens();
        }
        return batcher.exactly(
                queryTokens, regions.stream().mapToInt(Integer::intValue).toArray());
    }

    /** For rows whose numbers are too large for a batch. */
    @Override
    public Outcome alone(History.Query query) throws BadRow {
        SequenceLengths lengths = query.sequence().lengths();
        Tally tally = Tally.of(List.of(lengths))
                .add(Figure.ASKED_TOKENS, lengths.kvTokens())
                .add(Figure.EXACT_ROWS, 1);
        Sequence sequence = plan.prefixes() ? query.whole() : query.sequence();
        return new Outcome(attention.exact().score(sequence), tally);
    }
}
