package org.pagedattention.prefix;

/**
 * Tokens that some sequences have in common behind others that they have in common too. Every node but a leaf is whole
 * pages long.
 *
 * @param parent what comes before; -1 for nothing
 * @param depth tokens before it
 * @param start slot of its first token
 * @param source a sequence that has these tokens
 * @param length how many tokens
 * @param held whether an earlier pass has computed them
 */
record PrefixNode(int parent, int depth, int start, int[] source, int length, boolean held) {}
