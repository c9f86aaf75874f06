package org.pagedattention.cudnn;

/**
 * A paged container as its descriptor sees it.
 *
 * @param pageSize tokens of a page
 * @param strideTokens tokens from the start of one page to the start of the next; below {@code pageSize} pages overlap
 * @param pages pages that a table may name
 */
record PageShape(int pageSize, int strideTokens, long pages) {

    /** Pages that {@code tokens} take. */
    int pagesFor(int tokens) {
        return (tokens + pageSize - 1) / pageSize;
    }
}
