package org.pagedattention.cpu;

import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.PassContract;

class CpuVectorPassTest extends PassContract {

    @Override
    protected ModelBackend create() {
        return new CpuModels(BackendSettings.defaults().withKernel("vector").withThreads(3));
    }
}
