package org.pagedattention.cpu;

import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.backend.AttentionBackendContract;
import org.pagedattention.backend.BackendSettings;

class CpuScalarAttentionTest extends AttentionBackendContract {
    @Override
    protected AttentionBackend create() {
        return new CpuAttention(BackendSettings.defaults().withThreads(2).withKernel("scalar"));
    }
}
