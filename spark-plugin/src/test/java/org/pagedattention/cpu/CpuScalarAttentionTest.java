package org.pagedattention.cpu;

import org.pagedattention.attention.AttentionBackend;
import org.pagedattention.attention.AttentionBackendContract;
import org.pagedattention.attention.BackendSettings;

class CpuScalarAttentionTest extends AttentionBackendContract {
    @Override
    protected AttentionBackend create() {
        return new CpuAttention(BackendSettings.defaults().withThreads(2).withKernel("scalar"));
    }
}
