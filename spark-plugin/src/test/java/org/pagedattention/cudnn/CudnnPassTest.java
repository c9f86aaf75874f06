package org.pagedattention.cudnn;

import org.junit.jupiter.api.Tag;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.PassContract;
import org.pagedattention.tensor.ElementType;

/** Where the same text must give the same bits in every batch. */
@Tag("gpu")
class CudnnPassTest extends PassContract {

    @Override
    protected ModelBackend create() {
        Gpu.require();
        return new CudnnBackendProvider()
                .createForModels(BackendSettings.defaults().withDeterministic(deterministic()));
    }

    boolean deterministic() {
        return true;
    }

    @Override
    protected double tolerance() {
        return 3e-3;
    }

    @Override
    protected double tolerance(ElementType type) {
        return type == ElementType.BF16 ? 1.5e-2 : tolerance();
    }

    @Override
    protected double activationTolerance() {
        return 5e-3;
    }

    @Override
    protected boolean norms(int columns) {
        return columns % 8 == 0;
    }

    @Override
    protected boolean turns(int headDim) {
        return headDim % 16 == 0;
    }
}
