package org.pagedattention.text;

/**
 * What a tokenizer made of a text, or of a pair of texts.
 *
 * @param ids special tokens included
 * @param types which text of a pair each token is of, 0 or 1
 * @param truncated whether the text has tokens that are not here
 */
public record Tokens(int[] ids, int[] types, boolean truncated) {}
