package org.pagedattention.paging;

/** The rule for page sizes, which is cuDNN's: a power of two. */
public final class PageSize {
    /** Fast on every GPU tried. */
    public static final int DEFAULT = 64;

    private static final int LARGEST = 1024;

    private static final String SETTING = "spark.pagedAttention.page.size";

    private PageSize() {}

    /**
     * Returns {@code tokens} when it is a legal page size.
     *
     * @throws IllegalArgumentException otherwise, naming the nearest legal sizes
     */
    public static int check(int tokens) {
        if (tokens < 1 || tokens > LARGEST) {
            throw new IllegalArgumentException("page size " + tokens + " is out of range: " + SETTING
                    + " must be a power of two from 1 to " + LARGEST + " tokens");
        }
        int below = Integer.highestOneBit(tokens);
        if (below != tokens) {
            throw new IllegalArgumentException("page size " + tokens + " is not a power of two: set " + SETTING + " to "
                    + below + " or " + 2 * below + " tokens");
        }
        return tokens;
    }
}
