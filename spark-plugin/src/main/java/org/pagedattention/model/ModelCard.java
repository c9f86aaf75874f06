package org.pagedattention.model;

/**
 * What a model is, for people.
 *
 * @param body family, layers, heads and width, in words
 * @param end what is made of the body's rows, in words
 * @param hidden numbers of a token's row
 * @param vocabulary token ids are below it
 * @param longest most tokens of a row that the body takes
 */
public record ModelCard(String body, String end, int layers, int hidden, int vocabulary, int longest) {}
