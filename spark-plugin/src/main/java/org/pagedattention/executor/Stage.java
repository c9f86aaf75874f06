package org.pagedattention.executor;

import java.util.Locale;

/** What a task may be doing, in the order of a row's way. */
public enum Stage {
    /** Waiting for its turn on the GPU. */
    WAIT,
    /** Reading the input's bytes into host memory. */
    FETCH,
    /** Reading rows, and whatever else Spark does before the scoring. */
    READ,
    /** Copying bytes of the input to the GPU, and decoding them there. */
    DECODE,
    /** Finding the tensors of a row, checking them and copying them into a batch. */
    PACK,
    /** Turning offsets into lengths and page tables. */
    INDEX,
    /** Computing; with a GPU, starting it and waiting for it, and the check that results are finite. */
    ATTENTION,
    /** Making pooled vectors and scores of columns. */
    POOL,
    /** Making result columns, and bringing them to the host. */
    ENCODE,
    /** Writing the output, and whatever else Spark does behind the scoring. */
    WRITE;

    /** Its name for people. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
