/**
 * Attention on the CPU: reads K and V through the page table straight from the containers, block by block, with an
 * online softmax. Knows neither Spark nor CUDA. What needs {@code jdk.incubator.vector} lives in the {@code vector}
 * package and is loaded only where that module is.
 */
@NullMarked
package org.pagedattention.cpu;

import org.jspecify.annotations.NullMarked;
