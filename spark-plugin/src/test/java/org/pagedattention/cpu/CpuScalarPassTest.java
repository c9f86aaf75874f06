package org.pagedattention.cpu;

import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.PassContract;

class CpuScalarPassTest extends PassContract {

    @Override
    protected ModelBackend create() {
        return new CpuModels(BackendSettings.defaults().withKernel("scalar"));
    }
}
