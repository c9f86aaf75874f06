/**
 * What attention is: shapes, masks and a trusted fp64 reference. Pure values and functions, for any thread. Knows neither
 * Spark nor CUDA.
 */
@NullMarked
package org.pagedattention.attention;

import org.jspecify.annotations.NullMarked;
