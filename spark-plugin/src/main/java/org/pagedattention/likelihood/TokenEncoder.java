package org.pagedattention.likelihood;

/** A model's tokenizer, as far as these definitions need it. */
public interface TokenEncoder {

    /**
     * All tokens of a text, however many there are.
     *
     * @param specialTokens whether the tokenizer puts its special tokens around the text
     */
    int[] encode(String text, boolean specialTokens);

    /** The tokens of a text without special ones: all of them, or the first ones, more of them than the model takes. */
    default int[] start(String text) {
        return encode(text, false);
    }
}
