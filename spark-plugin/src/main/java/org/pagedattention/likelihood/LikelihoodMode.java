package org.pagedattention.likelihood;

/** What of a row is scored. */
public enum LikelihoodMode {
    /** A text behind the prefix token, as far as the model's length goes. */
    TEXT,
    /** A continuation behind its context. */
    CONTINUATION,
    /** A document of any length, window by window. */
    ROLLING
}
