package org.pagedattention.likelihood;

/**
 * What the harness makes of the log-likelihoods of a corpus; all of it NaN where there is nothing to divide by.
 *
 * @param logLikelihood of all rows, in nats
 * @param tokens that were scored
 * @param words as {@link Spaces#words} counts them
 * @param bytes in UTF-8
 */
public record CorpusMeasures(double logLikelihood, long tokens, long words, long bytes) {

    /** A token's. */
    public double perplexity() {
        return Math.exp(-per(tokens));
    }

    /** The harness's {@code word_perplexity}. */
    public double wordPerplexity() {
        return Math.exp(-per(words));
    }

    /** The harness's {@code byte_perplexity}. */
    public double bytePerplexity() {
        return Math.exp(-per(bytes));
    }

    /** The harness's {@code bits_per_byte}. */
    public double bitsPerByte() {
        return -per(bytes) / Math.log(2);
    }

    private double per(long count) {
        return count == 0 ? Double.NaN : logLikelihood / count;
    }
}
