package org.pagedattention.backend;

/** How the rows of a sequence's tokens become one row, as sentence-transformers defines it. */
public enum SequencePooling {
    /** The first token's row. */
    FIRST,
    /** The last token's row. */
    LAST,
    /** The mean of all rows. */
    MEAN,
    /** The sum of all rows, divided by the square root of their number. */
    MEAN_SQRT,
    /** The mean of all rows, each as heavy as its token's number in the sequence, the first being 1. */
    WEIGHTED_MEAN,
    /** The largest number of each column. */
    MAX
}
