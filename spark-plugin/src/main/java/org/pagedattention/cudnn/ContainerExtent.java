package org.pagedattention.cudnn;

import org.pagedattention.paging.PagedBatch;

/**
 * A container in device memory: the batch's tokens, and behind them a page of zeros. Table entries behind a sequence's
 * last page name the page of zeros, because cuDNN may read pages beyond a sequence's length and multiply them by zero,
 * and zero times NaN is NaN.
 *
 * @param tokens slots that come from the batch
 * @param zeroPage number of the page of zeros
 * @param allTokens slots, those of the page of zeros included
 */
record ContainerExtent(int tokens, int zeroPage, long allTokens) {

    static ContainerExtent of(PagedBatch batch) {
        int stride = batch.layout().pageStride(batch.pageSize());
        int zeroPage = (int) (((long) batch.containerTokens() + stride - 1) / stride);
        return new ContainerExtent(batch.containerTokens(), zeroPage, (long) zeroPage * stride + batch.pageSize());
    }
}
