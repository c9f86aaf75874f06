package org.pagedattention.scoring;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pagedattention.paging.HistoryBatcher;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.scoring.sequences.ChainedSequence;
import org.pagedattention.scoring.sequences.PageIndex;
import org.pagedattention.scoring.sequences.Sequence;
import org.pagedattention.tensor.Magnitude;
import org.pagedattention.tensor.TensorRef;

/**
 * A batch of rows whose first pages lie there once where earlier rows began with the same bytes. Pages live as long as their
 * batch: with the rows that name them they are copied to a part of it, and given back when it is closed.
 */
final class DedupeBatch extends SharingBatch<ChainedSequence> {
    private final DedupeWorkload workload;
    private final PageIndex index;
    private @Nullable ChainedSequence looked;
    private List<PageIndex.Page> known = List.of();

    DedupeBatch(DedupeWorkload workload, HistoryBatcher.Room room) {
        super(workload.attention(), room, 1);
        this.workload = workload;
        index = new PageIndex(spec, attention.pageSize(), inputs);
    }

    @Override
    public boolean takes(ChainedSequence row) {
        SequenceLengths lengths = row.sequence().lengths();
        boolean begins = known(row).isEmpty();
        return room.takes(
                new SequenceLengths(lengths.queryTokens(), begins ? lengths.kvTokens() : 0),
                !begins,
                begins ? 0 : workload.batcher().slots(rest(row)));
    }

    /** The pages that the row begins with and that are here. */
    private List<PageIndex.Page> known(ChainedSequence row) {
        if (looked != row) {
            known = index.find(row);
            looked = row;
        }
        return known;
    }

    /** Tokens of the row behind the pages that are here. */
    private int rest(ChainedSequence row) {
        return row.sequence().lengths().kvTokens()
                - known(row).stream().mapToInt(PageIndex.Page::tokens).sum();
    }

    /** Adds a row, unless its numbers are large: pages that are not here yet, and its queries. */
    @Override
    public boolean add(ChainedSequence row) throws BadRow {
        Sequence sequence = row.sequence();
        List<PageIndex.Page> shared = known(row);
        int slot = room.slotsTaken();
        List<PageIndex.Page> own = index.copy(sequence, shared.size(), slot, inputExponent);
        TensorRef q = nextQueries(sequence.q());
        Magnitude magnitude = sequence.q().copyTo(q, inputExponent);
        for (List<PageIndex.Page> pages : List.of(shared, own)) {
            for (PageIndex.Page page : pages) {
                magnitude = magnitude.orWorse(page.magnitude());
            }
        }
        if (magnitude == Magnitude.NOT_FINITE) {
            throw attention.plan().notFinite(sequence, spec.type());
        }
        boolean small = magnitude == Magnitude.SMALL
                || bounds(q.largest(), spec.type().round(sequence.k().largest()));
        if (small) {
            place(row, q, shared, own, slot);
        }
        return small;
    }

    private void place(
            ChainedSequence row, TensorRef q, List<PageIndex.Page> shared, List<PageIndex.Page> own, int slot) {
        SequenceLengths lengths = row.sequence().lengths();
        int rest = rest(row);
        index.add(row, shared.size(), own);
        takeRegion(rest);
        int stride = attention.layout().pageStride(attention.pageSize());
        IntStream first = shared.stream().mapToInt(page -> page.slot() / stride);
        int[] pages = IntStream.concat(first, Arrays.stream(pages(slot, rest))).toArray();
        place(q, lengths, pages, lengths.kvTokens());
        if (shared.isEmpty()) {
            room.hold(rest, false);
            room.add(lengths.queryTokens(), 0);
        } else {
            room.add(lengths.queryTokens(), workload.batcher().slots(rest));
        }
        looked = null;
    }

    @Override
    SharingBatch<ChainedSequence> another(int from, int to, int slots) {
        return new DedupeBatch(workload, workload.batcher().exactly(queryTokens(from, to), slots));
    }

    @Override
    ChainedSequence item(int at) {
        return workload.chained(whole(at));
    }
}
