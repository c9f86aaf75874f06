package org.pagedattention.cudnn;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.Mask;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PageTable;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;

/** Fills one slot with neighbouring sequences, for as long as their tokens lie so that the slot's pages reach them. */
final class SlotFiller {
    private final PagedBatch pages;
    private final Mask mask;
    private final int queryStart;
    private final int[] firstKeys = new int[PackedSlots.TOKENS];
    private final int[] endKeys = new int[PackedSlots.TOKENS];
    private final int[] keyPages = new int[PackedSlots.TOKENS];
    private final int[] valuePages = new int[PackedSlots.TOKENS];
    private int queries;
    private int keys;
    private int ownedPages;
    private @Nullable Origin origin;

    /** Where the containers' pages of an overlapping layout begin in this slot, as token slots. */
    private record Origin(int keys, int values) {}

    SlotFiller(PagedBatch pages, Mask mask, int queryStart) {
        this.pages = pages;
        this.mask = mask;
        this.queryStart = queryStart;
    }

    boolean isEmpty() {
        return queries == 0;
    }

    /** Adds a sequence with queries; false, and nothing is changed, where it does not fit. */
    boolean add(int sequence) {
        SequenceLengths lengths = pages.lengths(sequence);
        boolean follows = pages.queryStart(sequence) == queryStart + queries;
        if (!follows || queries + lengths.queryTokens() > PackedSlots.TOKENS) {
            return false;
        }
        int at = lengths.kvTokens() == 0
                ? keys
                : pages.layout() == PageLayout.PACKED ? placePacked(sequence) : placePadded(sequence);
        if (at < 0) {
            return false;
        }
        for (int t = 0; t < lengths.queryTokens(); t++) {
            firstKeys[queries + t] = at + mask.firstKey(t, lengths.queryTokens(), lengths.kvTokens());
            endKeys[queries + t] = at + mask.endKey(t, lengths.queryTokens(), lengths.kvTokens());
        }
        queries += lengths.queryTokens();
        keys = Math.max(keys, at + lengths.kvTokens());
        return true;
    }

    /** Where pages overlap, those of the slot go on from where the first sequence begins. -1 where that misses this one. */
    private int placePacked(int sequence) {
        int keyStart = pages.pageSlot(pages.keyTable().page(sequence, 0));
        int valueStart = pages.pageSlot(pages.valueTable().page(sequence, 0));
        Origin from = origin == null ? new Origin(keyStart, valueStart) : origin;
        int at = keyStart - from.keys();
        int end = at + pages.lengths(sequence).kvTokens();
        long reach = (long) PagedBatch.pagesFor(Math.max(end, keys), pages.pageSize()) * pages.pageSize();
        boolean fits = at >= 0
                && valueStart - from.values() == at
                && end <= PackedSlots.TOKENS
                && Math.max(from.keys(), from.values()) + reach <= pages.containerTokens()
                && contiguous(pages.keyTable(), sequence)
                && contiguous(pages.valueTable(), sequence);
        if (!fits) {
            return -1;
        }
        origin = from;
        return at;
    }

    private boolean contiguous(PageTable table, int sequence) {
        int own = PagedBatch.pagesFor(pages.lengths(sequence).kvTokens(), pages.pageSize());
        return IntStream.range(1, own)
                .allMatch(p -> table.page(sequence, p) == table.page(sequence, 0) + p * pages.pageSize());
    }

    /** Where pages lie side by side, the slot has those of all its sequences. -1 where there are too many. */
    private int placePadded(int sequence) {
        int own = PagedBatch.pagesFor(pages.lengths(sequence).kvTokens(), pages.pageSize());
        int at = ownedPages * pages.pageSize();
        if ((long) at + (long) own * pages.pageSize() > PackedSlots.TOKENS) {
            return -1;
        }
        for (int p = 0; p < own; p++) {
            addPage(pages.keyTable().page(sequence, p), pages.valueTable().page(sequence, p));
        }
        return at;
    }

    /** The slot; nothing can be added any more. */
    PackedSlots.Slot slot() {
        if (origin != null) {
            for (int p = 0; p < PagedBatch.pagesFor(keys, pages.pageSize()); p++) {
                addPage(origin.keys() + p * pages.pageSize(), origin.values() + p * pages.pageSize());
            }
        }
        return new PackedSlots.Slot(
                queryStart,
                keys,
                new IntArray(Arrays.copyOf(keyPages, ownedPages)),
                new IntArray(Arrays.copyOf(valuePages, ownedPages)),
                new IntArray(Arrays.copyOf(firstKeys, queries)),
                new IntArray(Arrays.copyOf(endKeys, queries)));
    }

    private void addPage(int keyPage, int valuePage) {
        keyPages[ownedPages] = keyPage;
        valuePages[ownedPages] = valuePage;
        ownedPages++;
    }
}
