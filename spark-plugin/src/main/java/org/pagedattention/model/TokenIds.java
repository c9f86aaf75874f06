package org.pagedattention.model;

/**
 * One row's tokens, special ones included.
 *
 * @param ids indices into the model's vocabulary
 * @param types which of a pair's texts each token is of, 0 or 1; as long as {@code ids}
 */
public record TokenIds(int[] ids, int[] types) {

    public TokenIds {
        if (ids.length != types.length) {
            throw new IllegalArgumentException(ids.length + " token ids have " + types.length + " types");
        }
    }

    /** Tokens of one text. */
    public static TokenIds of(int... ids) {
        return new TokenIds(ids, new int[ids.length]);
    }

    public int length() {
        return ids.length;
    }
}
