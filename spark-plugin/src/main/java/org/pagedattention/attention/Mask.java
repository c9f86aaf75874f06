package org.pagedattention.attention;

import java.io.Serializable;

/**
 * Which keys a query may see. Every mask here leaves each query one contiguous range of keys.
 *
 * @param band how queries and keys line up
 * @param window how many keys back a query sees, its own included; 0 means all of them
 */
public record Mask(Band band, int window) implements Serializable {

    /** The diagonal that bounds a query's view ahead. */
    public enum Band {
        /** No bound ahead; a window counts back from the key at the query's own index. */
        NONE,
        /** Query {@code t} sees keys {@code 0..t}: both start together. */
        CAUSAL,
        /** Query {@code t} sees keys {@code 0..t + keys - queries}: both end together, as in decoding. */
        CAUSAL_BOTTOM_RIGHT,
        /** No bound but the window's, which counts ahead of the key at the query's own index as it does back. */
        AROUND
    }

    public Mask {
        if (window < 0) {
            throw new IllegalArgumentException(
                    "window " + window + " is negative: option window counts keys, 0 means no window");
        }
    }

    /** Every query sees every key. */
    public static Mask none() {
        return new Mask(Band.NONE, 0);
    }

    /** Causal, aligned at the first token. */
    public static Mask causal() {
        return new Mask(Band.CAUSAL, 0);
    }

    /** Causal, aligned at the last token. */
    public static Mask causalBottomRight() {
        return new Mask(Band.CAUSAL_BOTTOM_RIGHT, 0);
    }

    /** Every query sees as many keys before its own as behind it, {@code keys} on either side, its own included. */
    public static Mask around(int keys) {
        return new Mask(Band.AROUND, keys);
    }

    /** The same band with a sliding window of {@code keys}, the query's own included; 0 removes it. */
    public Mask withWindow(int keys) {
        return new Mask(band, keys);
    }

    /** Pairs of a query and a key that it sees, over all of {@code queries} and {@code keys}. */
    public long visiblePairs(int queries, int keys) {
        long pairs = 0;
        for (int query = 0; query < queries; query++) {
            pairs += Math.max(0, endKey(query, queries, keys) - firstKey(query, queries, keys));
        }
        return pairs;
    }

    /** First key that query {@code query} sees; never above {@code keys}. */
    public int firstKey(int query, int queries, int keys) {
        if (window == 0) {
            return 0;
        }
        long first = diagonal(query, queries, keys) - window + 1;
        return (int) Math.max(0, Math.min(first, keys));
    }

    /** One past the last key that query {@code query} sees; a query with {@code endKey <= firstKey} sees none. */
    public int endKey(int query, int queries, int keys) {
        if (band == Band.NONE || (band == Band.AROUND && window == 0)) {
            return keys;
        }
        if (band == Band.AROUND) {
            return (int) Math.min((long) query + window, keys);
        }
        return (int) Math.max(0, Math.min(diagonal(query, queries, keys) + 1, keys));
    }

    private long diagonal(int query, int queries, int keys) {
        return band == Band.CAUSAL_BOTTOM_RIGHT ? (long) query + keys - queries : query;
    }

    /**
     * A mask from its option value.
     *
     * @param band none, causal or causal-bottom-right
     * @throws IllegalArgumentException when the name is not known
     */
    public static Mask parse(String band, int window) {
        return switch (band) {
            case "none" -> none().withWindow(window);
            case "causal" -> causal().withWindow(window);
            case "causal-bottom-right" -> causalBottomRight().withWindow(window);
            default ->
                throw new IllegalArgumentException(
                        "mask '" + band + "' is not known: use none, causal or causal-bottom-right");
        };
    }
}
