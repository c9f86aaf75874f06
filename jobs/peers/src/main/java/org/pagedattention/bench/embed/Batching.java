package org.pagedattention.bench.embed;

import java.util.List;

/**
 * How texts are put together where batches are padded.
 *
 * @param size texts of a batch
 * @param sorted by length before
 */
record Batching(int size, boolean sorted) {
    static final List<Batching> ALL =
            List.of(new Batching(8, true), new Batching(32, true), new Batching(1, false), new Batching(32, false));

    @Override
    public String toString() {
        if (size == 1) {
            return "one at a time";
        }
        return "batches of " + size + (sorted ? " sorted by length" : " as they come");
    }
}
