package org.pagedattention.attention;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a backend computed for a batch. A query that sees no key has zeros in {@code o} and -infinity in {@code lse}.
 *
 * @param o {@code [query tokens, queryHeads, valueDim]} in the element type of the spec, little-endian
 * @param lse natural log-sum-exp {@code [query tokens, queryHeads]}; null when it was not asked for
 */
public record AttentionOutput(ByteBuffer o, @Nullable FloatBuffer lse) {}
