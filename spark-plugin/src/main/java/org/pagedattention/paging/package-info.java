/**
 * How variable-length sequences share memory: batches, pages, page tables and containers. Pure arithmetic on token
 * counts; knows nothing of attention, Spark or CUDA.
 */
@NullMarked
package org.pagedattention.paging;

import org.jspecify.annotations.NullMarked;
