package org.pagedattention.cudnn.models;

/**
 * Elements from one token's row to the next, where Q, K and V may be columns of wider rows.
 *
 * @param query of Q
 * @param key of K
 * @param value of V
 */
public record RowStrides(long query, long key, long value) {}
