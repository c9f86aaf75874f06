package org.pagedattention.inference;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.pagedattention.prefix.PrefixTree;

/**
 * How sequences to come may begin.
 *
 * @param ids first tokens, in whole pages
 * @param pages what has been left of them; null where there are none
 */
record Beginning(int[] ids, @Nullable KeptPages pages) {

    static Beginning nothing() {
        return new Beginning(new int[0], null);
    }

    /** The first of its tokens. */
    Beginning first(int count) {
        return new Beginning(Arrays.copyOf(ids, count), pages);
    }

    PrefixTree.Held held() {
        return pages == null ? PrefixTree.Held.nothing() : new PrefixTree.Held(ids, pages.tokens());
    }
}
