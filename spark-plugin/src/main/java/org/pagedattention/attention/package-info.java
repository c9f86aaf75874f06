/**
 * What attention is: shapes, masks and a trusted fp64 reference. Pure values and functions, for any thread. Knows neither
 * Spark nor CUDA. A shape or mask that cannot be throws {@code IllegalArgumentException} with the value and the limit.
 */
@NullMarked
package org.pagedattention.attention;

import org.jspecify.annotations.NullMarked;
