package org.pagedattention.scoring;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.AttentionOutput;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Tally;
import org.pagedattention.paging.HistoryBatcher;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.scoring.sequences.History;
import org.pagedattention.scoring.sequences.MergedOutput;
import org.pagedattention.scoring.sequences.Sequence;
import org.pagedattention.tensor.Magnitude;
import org.pagedattention.tensor.TensorRef;

/**
 * A batch of rows whose keys and values stand behind those of a prefix, which lies there once. A row's page table names the
 * full pages of its prefix. What is left of the prefix, less than a page, is copied in front of the row's own tokens, since
 * these go on within that page: in either layout only a page's last slots are nobody's. Or, where each query sees all of
 * its prefix, all queries attend to that together, as one sequence, and once more to what their row has itself; the two are
 * merged.
 */
final class PrefixBatch extends SharingBatch<History.Query> {
    private final HistoryWorkload workload;
    private final List<History.Query> queries = new ArrayList<>();
    private @Nullable History asked;
    private @Nullable Held held;
    private final List<Held> prefixes = new ArrayList<>();
    private final List<Integer> prefixQueries = new ArrayList<>();

    /**
     * A prefix in the batch.
     *
     * @param copy its tensors here
     * @param slot where they begin
     */
    private record Held(History copy, int slot, int tokens) {}

    PrefixBatch(HistoryWorkload workload, HistoryBatcher.Room room) {
        super(workload.attention(), room, workload.merges() ? 2 : 1);
        this.workload = workload;
    }

    @Override
    public boolean takes(History.Query query) {
        return room.takes(
                new SequenceLengths(query.sequence().lengths().queryTokens(), workload.prefixTokens(query)),
                asked == query.history(),
                workload.ownSlots(query));
    }

    /** Adds a row, and its prefix where that is not there yet, unless their numbers are large. */
    @Override
    public boolean add(History.Query query) throws BadRow {
        Held prefix = hold(query);
        Sequence row = query.sequence();
        int tail = workload.tail(query);
        int slot = room.slotsTaken();
        History own =
                new History(row.k(), row.v()).copyTo(inputs.keys(), inputs.values(), slot + tail, spec, inputExponent);
        TensorRef q = nextQueries(row.q());
        Magnitude scores =
                row.q().copyTo(q, inputExponent).orWorse(prefix.copy().keys()).orWorse(own.keys());
        if (scores == Magnitude.NOT_FINITE || own.notFinite()) {
            throw notFinite(query);
        }
        boolean small = scores == Magnitude.SMALL
                || bounds(q.largest(), Math.max(prefix.copy().largestKey(), own.largestKey()));
        if (small) {
            int from = prefix.slot() + prefix.tokens() - tail;
            copyWithin(inputs.keys(), spec.keyElements(), from, slot, tail);
            copyWithin(inputs.values(), spec.valueElements(), from, slot, tail);
            int behind = tail + workload.ownTokens(query);
            takeRegion(behind);
            int[] ownPages = pages(slot, behind);
            if (workload.merges()) {
                place(q, row.lengths(), ownPages, behind);
            } else {
                int[] pages = joined(pages(prefix.slot(), prefix.tokens() - tail), ownPages);
                place(q, row.lengths(), pages, row.lengths().kvTokens());
            }
            prefixQueries.set(
                    prefixQueries.size() - 1,
                    prefixQueries.get(prefixQueries.size() - 1) + row.lengths().queryTokens());
            queries.add(new History.Query(new Sequence(row.lengths(), q, own.k(), own.v()), prefix.copy()));
            room.add(row.lengths().queryTokens(), workload.ownSlots(query));
        }
        return small;
    }

    /** The row's prefix as it lies here; one that cannot be used leaves its place to the next. */
    private Held hold(History.Query query) throws BadRow {
        if (held != null && asked == query.history()) {
            return held;
        }
        History source = query.history();
        if (!source.notFinite()) {
            boolean again = source.batched();
            int slot = room.slotsTaken();
            History copy = source.copyTo(inputs.keys(), inputs.values(), slot, spec, inputExponent);
            if (!source.notFinite()) {
                int tokens = workload.prefixTokens(query);
                takeRegion(tokens);
                room.hold(tokens, again);
                Held here = new Held(copy, slot, tokens);
                prefixes.add(here);
                prefixQueries.add(0);
                asked = source;
                held = here;
                return here;
            }
        }
        throw notFinite(query);
    }

    @Override
    boolean wantsLse() {
        return workload.merges() || super.wantsLse();
    }

    @Override
    void addSequences(List<SequenceLengths> lengths, List<int[]> pages) {
        if (workload.merges()) {
            int bytes =
                    room.queryTokensTaken() * spec.queryElements() * spec.type().bytes();
            inputs.queries().put(bytes, inputs.queries(), 0, bytes);
            for (int i = 0; i < prefixes.size(); i++) {
                Held prefix = prefixes.get(i);
                lengths.add(new SequenceLengths(prefixQueries.get(i), prefix.tokens()));
                pages.add(pages(prefix.slot(), prefix.tokens()));
            }
        }
    }

    @Override
    Object @Nullable [] encoded(AttentionOutput output, int first, int tokens) {
        if (!workload.merges()) {
            return super.encoded(output, first, tokens);
        }
        AttentionOutput merged = MergedOutput.of(spec, output, first, room.queryTokensTaken() + first, tokens);
        return merged == null ? null : attention.encoder().encode(merged, 0, tokens);
    }

    @Override
    Sequence whole(int index) {
        return queries.get(index).whole();
    }

    private BadRow notFinite(History.Query query) {
        return attention.plan().notFinite(query, spec.type());
    }

    private void copyWithin(ByteBuffer container, int tokenElements, int from, int to, int tokens) {
        int width = tokenElements * spec.type().bytes();
        container.put(to * width, container, from * width, tokens * width);
    }

    private static int[] joined(int[] first, int[] second) {
        return IntStream.concat(Arrays.stream(first), Arrays.stream(second)).toArray();
    }

    @Override
    SharingBatch<History.Query> another(int from, int to, int slots) {
        return new PrefixBatch(workload, workload.exactly(queries.subList(from, to)));
    }

    @Override
    History.Query item(int index) {
        return queries.get(index);
    }

    @Override
    public Tally tally() {
        return super.tally().add(Figure.HISTORIES, prefixes.size());
    }
}
