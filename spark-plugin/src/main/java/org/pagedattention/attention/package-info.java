/**
 * What attention is: shapes, masks, element types, the backend contract and a trusted fp64 reference. Knows neither
 * Spark nor CUDA.
 */
@NullMarked
package org.pagedattention.attention;

import org.jspecify.annotations.NullMarked;
