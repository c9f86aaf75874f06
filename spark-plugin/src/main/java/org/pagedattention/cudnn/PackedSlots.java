package org.pagedattention.cudnn;

import java.util.List;

/**
 * Slots that several short sequences share. A thread block computes {@link #TOKENS} queries, however few of them there
 * are, so a slot each leaves most of it idle. Each query has a range of keys of its own, within those of its sequence.
 */
record PackedSlots(List<Slot> slots) implements Slots {

    /** Queries and key positions of a slot: what a thread block takes. */
    static final int TOKENS = 128;

    /** Of a sequence that shares its slot with another, whatever that is. */
    static final int LONGEST = TOKENS / 2;

    /**
     * Neighbouring sequences.
     *
     * @param queryStart index of the first query among all of the batch
     * @param keys key positions, counted from the start of the first page
     * @param firstKeys of each query, as a position
     * @param endKeys of each query, the position behind the last
     */
    record Slot(
            int queryStart, int keys, IntArray keyPages, IntArray valuePages, IntArray firstKeys, IntArray endKeys) {}

    @Override
    public int count() {
        return slots.size();
    }

    @Override
    public int queryStart(int slot) {
        return slots.get(slot).queryStart();
    }

    @Override
    public int queries(int slot) {
        return slots.get(slot).firstKeys().size();
    }

    @Override
    public int keys(int slot) {
        return Math.max(1, slots.get(slot).keys());
    }

    @Override
    public int pages(int slot) {
        return slots.get(slot).keyPages().size();
    }

    @Override
    public int keyPage(int slot, int ordinal) {
        return slots.get(slot).keyPages().get(ordinal);
    }

    @Override
    public int valuePage(int slot, int ordinal) {
        return slots.get(slot).valuePages().get(ordinal);
    }

    @Override
    public int firstKey(int slot, int query) {
        return slots.get(slot).firstKeys().get(query);
    }

    @Override
    public int endKey(int slot, int query) {
        return slots.get(slot).endKeys().get(query);
    }
}
