package org.pagedattention.cudnn;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.pagedattention.attention.AttentionBackend;
import org.pagedattention.attention.AttentionBackendContract;

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
