package org.pagedattention.cudnn;

/**
 * What a launch computes: each slot has a run of queries, which lie end to end, and the pages of the keys that they may
 * see. Mostly a slot is a sequence; short sequences share one.
 */
interface Slots {

    int count();

    /** Index of the slot's first query among all of the batch. */
    int queryStart(int slot);

    int queries(int slot);

    /** Key positions of a slot, from the start of its first page on; at least one. */
    int keys(int slot);

    /** Pages that hold the slot's keys. */
    int pages(int slot);

    int keyPage(int slot, int ordinal);

    int valuePage(int slot, int ordinal);

    /** The first key position that a query sees where its range does not follow from the mask. */
    default int firstKey(int slot, int query) {
        return 0;
    }

    /** The key position behind the last that a query sees, likewise. */
    default int endKey(int slot, int query) {
        return keys(slot);
    }
}
