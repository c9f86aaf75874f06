/**
 * Numbers in memory: element types, their encodings, scans for values that are not finite, and how closely two
 * results must agree. Pure functions over buffers, safe for any thread; knows nothing of attention, Spark or CUDA.
 */
@NullMarked
package org.pagedattention.tensor;

import org.jspecify.annotations.NullMarked;
