package org.pagedattention.backend;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a backend computed for a batch. A query that sees no key has zeros in {@code o} and -infinity in {@code lse}.
 *
 * @param o {@code [query tokens, queryHeads, valueDim]} in the element type of the spec, little-endian
 * @param finite whether the backend has seen that all numbers of {@code o} are finite; otherwise nobody has looked
 * @param lse natural log-sum-exp {@code [query tokens, queryHeads]}; null when it was not asked for
 */
public record AttentionOutput(
        ByteBuffer o, boolean finite, @Nullable FloatBuffer lse) {}
