package org.pagedattention.scoring;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.AttentionOutput;
import org.pagedattention.backend.BatchInputs;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Tally;
import org.pagedattention.paging.HistoryBatcher;
import org.pagedattention.paging.PageTable;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.scoring.sequences.AttentionRun;
import org.pagedattention.scoring.sequences.Sequence;
import org.pagedattention.tensor.TensorRef;

/**
 * A batch of rows that begin with the same pages. Keys and values lie in regions of tokens, one region behind the other; a
 * row's page table names pages of several of them, and others may name these too.
 */
abstract class SharingBatch<I> implements Batch<I> {
    final AttentionWorkload attention;
    final AttentionSpec spec;
    final HistoryBatcher.Room room;
    final BatchInputs inputs;
    final int inputExponent;
    private final int scoreExponent;
    private final AttentionRun run;
    private final List<Integer> regions = new ArrayList<>();
    private final List<Placed> rows = new ArrayList<>();
    private int exactRows;

    /**
     * A row in the batch.
     *
     * @param lengths of the row
     * @param pages that hold its keys and values, in their order
     * @param tokens that these hold
     * @param first its first query token among all of the batch
     */
    private record Placed(TensorRef q, SequenceLengths lengths, int[] pages, int tokens, int first) {}

    /**
     * @param copies of each row's queries
     */
    SharingBatch(AttentionWorkload attention, HistoryBatcher.Room room, int copies) {
        this.attention = attention;
        this.room = room;
        spec = attention.spec();
        scoreExponent = attention.backend().scoreExponent();
        inputExponent = spec.inputExponent(scoreExponent);
        run = attention.run(Math.multiplyExact(copies, room.mostQueryTokens()), room.mostSlots());
        inputs = run.inputs();
    }

    /**
     * An empty batch with room for some of these rows and no others.
     *
     * @param slots of the pages that they name, each counted once
     */
    abstract SharingBatch<I> another(int from, int to, int slots);

    /** The item of a row, its tensors as they lie in this batch, or copies of them. */
    abstract I item(int index);

    /** Where the queries of the next row go. */
    final TensorRef nextQueries(TensorRef q) {
        return q.at(inputs.queries(), room.queryTokensTaken(), spec.queryElements(), spec.type());
    }

    /** Whether large numbers make large scores. */
    final boolean bounds(float largestQuery, float largestKey) {
        return spec.boundsScores(largestQuery, largestKey, scoreExponent);
    }

    /** Notes that the next slots hold so many tokens, which begin a page. */
    final void takeRegion(int tokens) {
        if (tokens > 0) {
            regions.add(tokens);
        }
    }

    /** The pages of tokens that lie from {@code slot} on. */
    final int[] pages(int slot, int tokens) {
        int size = attention.pageSize();
        int stride = attention.layout().pageStride(size);
        return IntStream.range(0, PagedBatch.pagesFor(tokens, size))
                .map(page -> (slot + page * size) / stride)
                .toArray();
    }

    /** Adds a row, whose queries and keys are in their places; room for it is taken next. */
    final void place(TensorRef q, SequenceLengths lengths, int[] pages, int tokens) {
        rows.add(new Placed(q, lengths, pages, tokens, room.queryTokensTaken()));
    }

    /** Query tokens of some rows. */
    final int queryTokens(int from, int to) {
        return rows.subList(from, to).stream()
                .mapToInt(row -> row.lengths().queryTokens())
                .sum();
    }

    /** Whether results need the log-sum-exp. */
    boolean wantsLse() {
        return attention.wantsLse();
    }

    /** Adds what is computed beside the rows, whose queries stand behind all of theirs. */
    void addSequences(List<SequenceLengths> lengths, List<int[]> pages) {}

    /** The result columns of a row, of what was computed; null where it is not finite. */
    Object @Nullable [] encoded(AttentionOutput output, int first, int tokens) {
        return attention.encoder().encode(output, first, tokens);
    }

    private int slot(int page) {
        return page * attention.layout().pageStride(attention.pageSize());
    }

    /** A row with its keys and values end to end, in memory of their own. */
    Sequence whole(int index) {
        Placed row = rows.get(index);
        return new Sequence(
                row.lengths(),
                row.q(),
                gathered(row, inputs.keys(), spec.keyElements()),
                gathered(row, inputs.values(), spec.valueElements()));
    }

    private TensorRef gathered(Placed row, ByteBuffer container, int tokenElements) {
        int width = tokenElements * spec.type().bytes();
        int tokens = row.lengths().kvTokens();
        ByteBuffer bytes =
                ByteBuffer.allocate(Math.multiplyExact(tokens, width)).order(ByteOrder.LITTLE_ENDIAN);
        int size = attention.pageSize();
        for (int page = 0; page < row.pages().length; page++) {
            int count = Math.min(size, tokens - page * size);
            bytes.put(page * size * width, container, slot(row.pages()[page]) * width, count * width);
        }
        return new TensorRef(bytes, 0, bytes.capacity(), spec.type());
    }

    @Override
    public final Batch<I> part(int from, int to) {
        long pages = rows.subList(from, to).stream()
                .flatMapToInt(row -> IntStream.of(row.pages()))
                .distinct()
                .count();
        SharingBatch<I> part = another(from, to, Math.toIntExact(pages * attention.pageSize()));
        try {
            // one at a time: together they may take far more memory than the batch, which has once what they have in
            // common
            for (int i = from; i < to; i++) {
                if (!part.add(item(i))) {
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
    public final void start() {
        PagedBatch owned = PagedBatch.plan(
                attention.layout(),
                attention.pageSize(),
                regions.stream().map(tokens -> new SequenceLengths(0, tokens)).toList());
        List<SequenceLengths> lengths = new ArrayList<>();
        List<int[]> pages = new ArrayList<>();
        rows.forEach(row -> {
            lengths.add(new SequenceLengths(row.lengths().queryTokens(), row.tokens()));
            pages.add(row.pages());
        });
        addSequences(lengths, pages);
        PageTable table = new PageTable(pages.toArray(int[][]::new));
        PagedBatch shared =
                PagedBatch.of(attention.layout(), attention.pageSize(), lengths, table, table, owned.containerTokens());
        run.start(owned, shared, wantsLse());
    }

    @Override
    public final void await() {
        run.await();
    }

    @Override
    public final Object[] result(int index) throws BadRow {
        Placed row = rows.get(index);
        Object[] results = encoded(run.output(), row.first(), row.lengths().queryTokens());
        if (results != null) {
            return results;
        }
        // a sum before the division may pass fp32's range where the result does not
        Object[] exact = attention.exact().score(whole(index));
        exactRows++;
        return exact;
    }

    @Override
    public final String size(int index) {
        SequenceLengths lengths = rows.get(index).lengths();
        return lengths.queryTokens() + " query and " + lengths.kvTokens() + " key tokens";
    }

    @Override
    public Tally tally() {
        int size = attention.pageSize();
        long held = regions.stream().mapToLong(Integer::longValue).sum();
        return new Tally()
                .add(Figure.BATCHES, 1)
                .add(Figure.SEQUENCES, rows.size())
                .add(Figure.QUERY_TOKENS, room.queryTokensTaken())
                .add(Figure.KV_TOKENS, held)
                .add(
                        Figure.ASKED_TOKENS,
                        rows.stream().mapToLong(row -> row.lengths().kvTokens()).sum())
                .add(
                        Figure.PAGES_HELD,
                        regions.stream()
                                .mapToLong(tokens -> PagedBatch.pagesFor(tokens, size))
                                .sum())
                .add(
                        Figure.PAGES_GIVEN,
                        rows.stream().mapToLong(row -> row.pages().length).sum())
                .add(Figure.WASTED_SLOTS, run.pages().containerTokens() - held)
                .add(Figure.EXACT_ROWS, exactRows)
                .addLengths(rows.stream().map(Placed::lengths).toList());
    }

    @Override
    public void close() {
        run.close();
    }
}
