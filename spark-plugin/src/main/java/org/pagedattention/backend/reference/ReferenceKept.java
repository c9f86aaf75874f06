package org.pagedattention.backend.reference;

import java.util.ArrayList;
import java.util.List;
import org.pagedattention.backend.KeptTokens;

/**
 * What a pass has left, which Java collects.
 *
 * @param slots where the tokens were in that pass
 * @param layers of every attention
 */
record ReferenceKept(int[] slots, List<Layer> layers) implements KeptTokens {

    /** Keys and values, one row a token. */
    record Layer(Matrix keys, Matrix values) {}

    ReferenceKept(int[] slots) {
        this(slots, new ArrayList<>());
    }

    @Override
    public int tokens() {
        return layers.isEmpty() ? 0 : slots.length;
    }

    @Override
    public void close() {
        layers.clear();
    }
}
