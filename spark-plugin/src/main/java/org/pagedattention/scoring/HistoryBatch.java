package org.pagedattention.scoring;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Tally;
import org.pagedattention.paging.HistoryBatcher;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.request.HistorySharing;
import org.pagedattention.scoring.sequences.AttentionRun;
import org.pagedattention.scoring.sequences.History;
import org.pagedattention.scoring.sequences.Sequence;
import org.pagedattention.tensor.Magnitude;
import org.pagedattention.tensor.TensorRef;

/** A batch of rows and of the histories that they ask, each of which lies there once. */
final class HistoryBatch implements Batch<History.Query> {
    private final HistoryWorkload workload;
    private final AttentionSpec spec;
    private final HistoryBatcher.Room room;
    private final AttentionRun run;
    private final int scoreExponent;
    private final int inputExponent;
    private final List<Integer> historyTokens = new ArrayList<>();
    private final List<Placed> rows = new ArrayList<>();
    private @Nullable History asked;
    private @Nullable History held;
    private int exactRows;

    /**
     * A row in the batch.
     *
     * @param query its tensors here
     * @param owner number of its history here
     * @param first its first query token among all of the batch
     */
    private record Placed(History.Query query, int owner, int first) {

        SequenceLengths lengths() {
            return query.sequence().lengths();
        }
    }

    HistoryBatch(HistoryWorkload workload, HistoryBatcher.Room room) {
        this.workload = workload;
        this.room = room;
        spec = workload.attention().spec();
        scoreExponent = workload.attention().backend().scoreExponent();
        inputExponent = spec.inputExponent(scoreExponent);
        run = workload.attention().run(room.mostQueryTokens(), room.mostSlots());
    }

    @Override
    public boolean takes(History.Query query) {
        return room.takes(query.sequence().lengths(), asked == query.history(), 0);
    }

    /** Adds a row, and its history where that is not there yet, unless their numbers are large. */
    @Override
    public boolean add(History.Query query) throws BadRow {
        Sequence sequence = query.sequence();
        History history = hold(query);
        TensorRef q =
                sequence.q().at(run.inputs().queries(), room.queryTokensTaken(), spec.queryElements(), spec.type());
        Magnitude scores = sequence.q().copyTo(q, inputExponent).orWorse(history.keys());
        if (scores == Magnitude.LARGE && spec.boundsScores(q.largest(), history.largestKey(), scoreExponent)) {
            scores = Magnitude.SMALL;
        }
        if (scores == Magnitude.NOT_FINITE) {
            throw notFinite(sequence);
        }
        if (scores == Magnitude.SMALL) {
            Sequence placed = new Sequence(sequence.lengths(), q, history.k(), history.v());
            rows.add(new Placed(new History.Query(placed, history), historyTokens.size() - 1, room.queryTokensTaken()));
            room.add(sequence.lengths().queryTokens(), 0);
        }
        return scores == Magnitude.SMALL;
    }

    /** The row's history as it lies here; one that cannot be used leaves its place to the next. */
    private History hold(History.Query query) throws BadRow {
        if (held != null && asked == query.history()) {
            return held;
        }
        History source = query.history();
        if (!source.notFinite()) {
            boolean again = source.batched();
            History copy =
                    source.copyTo(run.inputs().keys(), run.inputs().values(), room.slotsTaken(), spec, inputExponent);
            if (!source.notFinite()) {
                int tokens = query.sequence().lengths().kvTokens();
                historyTokens.add(tokens);
                room.hold(tokens, again);
                asked = source;
                held = copy;
                return copy;
            }
        }
        throw notFinite(query.sequence());
    }

    private BadRow notFinite(Sequence sequence) {
        return workload.attention().plan().notFinite(sequence, spec.type());
    }

    @Override
    public Batch<History.Query> part(int from, int to) {
        List<Placed> chosen = rows.subList(from, to);
        int queries =
                chosen.stream().mapToInt(row -> row.lengths().queryTokens()).sum();
        int[] tokens = chosen.stream()
                .mapToInt(Placed::owner)
                .distinct()
                .map(historyTokens::get)
                .toArray();
        HistoryBatch part = new HistoryBatch(workload, workload.batcher().exactly(queries, tokens));
        try {
            for (Placed row : chosen) {
                if (!part.add(row.query())) {
                    throw new IllegalStateException("a row grew in its batch");
                }
            }
            return part;
        } catch (BadRow | RuntimeException e) {
            part.close();
            throw new IllegalStateException("a part of a batch cannot be made: " + e, e);
        }
    }

    @Override
    public void start() {
        int[] queries = new int[historyTokens.size()];
        rows.forEach(row -> queries[row.owner()] += row.lengths().queryTokens());
        List<SequenceLengths> histories = new ArrayList<>();
        for (int i = 0; i < queries.length; i++) {
            histories.add(new SequenceLengths(queries[i], historyTokens.get(i)));
        }
        PagedBatch owned = PagedBatch.plan(
                workload.attention().layout(), workload.attention().pageSize(), histories);
        PagedBatch pages = workload.sharing() == HistorySharing.ONE_SEQUENCE ? owned : shared(owned);
        run.start(owned, pages, workload.attention().wantsLse());
    }

    private PagedBatch shared(PagedBatch owned) {
        return owned.sharedBy(
                rows.stream().mapToInt(Placed::owner).toArray(),
                rows.stream().mapToInt(row -> row.lengths().queryTokens()).toArray());
    }

    @Override
    public void await() {
        run.await();
    }

    @Override
    public Object[] result(int index) throws BadRow {
        Placed row = rows.get(index);
        Object[] results = workload.attention()
                .encoder()
                .encode(run.output(), row.first(), row.lengths().queryTokens());
        if (results != null) {
            return results;
        }
        // a sum before the division may pass fp32's range where the result does not
        Object[] exact = workload.attention().exact().score(row.query().sequence());
        exactRows++;
        return exact;
    }

    @Override
    public String size(int index) {
        SequenceLengths lengths = rows.get(index).lengths();
        return lengths.queryTokens() + " query tokens and a history of " + lengths.kvTokens();
    }

    @Override
    public Tally tally() {
        long held = historyTokens.stream().mapToLong(Integer::longValue).sum();
        return new Tally()
                .add(Figure.BATCHES, 1)
                .add(Figure.SEQUENCES, rows.size())
                .add(Figure.QUERY_TOKENS, room.queryTokensTaken())
                .add(Figure.KV_TOKENS, held)
                .add(Figure.HISTORIES, historyTokens.size())
                .add(
                        Figure.ASKED_TOKENS,
                        rows.stream().mapToLong(row -> row.lengths().kvTokens()).sum())
                .add(Figure.WASTED_SLOTS, run.pages().containerTokens() - held)
                .add(Figure.EXACT_ROWS, exactRows)
                .addLengths(rows.stream().map(Placed::lengths).toList());
    }

    @Override
    public void close() {
        run.close();
    }
}
