package org.pagedattention.cpu;

import org.pagedattention.attention.AttentionBackend;
import org.pagedattention.attention.AttentionBackendContract;
import org.pagedattention.attention.BackendSettings;

/** Named explicitly, so a missing module fails these tests instead of skipping them. */
class CpuVectorAttentionTest extends AttentionBackendContract {
    @Override
    protected AttentionBackend create() {
        return new CpuAttention(BackendSettings.defaults().withThreads(2).withKernel("vector"));
    }
}
