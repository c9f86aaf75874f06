package org.pagedattention.cudnn;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.backend.AttentionBackendContract;

@Tag("gpu")
class CudnnAttentionTest extends AttentionBackendContract {
    private CudnnAttention keepsPlansAlive;

    @BeforeAll
    void openOne() {
        keepsPlansAlive = Gpu.poisoned();
    }

    @AfterAll
    void closeIt() {
        if (keepsPlansAlive != null) {
            keepsPlansAlive.close();
        }
    }

    @Override
    protected AttentionBackend create() {
        return Gpu.poisoned();
    }
}
