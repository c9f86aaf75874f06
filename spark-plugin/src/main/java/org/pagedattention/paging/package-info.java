/**
 * How variable-length sequences share memory: batches, pages, page tables and containers; the page table is made by
 * {@link org.pagedattention.paging.PagedBatch}. Pure arithmetic on token counts, for any thread; knows nothing of
 * attention, Spark or CUDA. Lengths and page sizes that cannot be throw {@code IllegalArgumentException}.
 */
@NullMarked
package org.pagedattention.paging;

import org.jspecify.annotations.NullMarked;
