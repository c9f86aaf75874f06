package org.pagedattention.cpu;

import java.util.Optional;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.backend.BackendProvider;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelBackend;

/** The backend that works everywhere, and that every other one is preferred to. */
public final class CpuBackendProvider implements BackendProvider {

    @Override
    public String name() {
        return CpuAttention.NAME;
    }

    @Override
    public int preference() {
        return 0;
    }

    @Override
    public Optional<String> unavailable(BackendSettings settings) {
        return Optional.empty();
    }

    @Override
    public String describe(BackendSettings settings) {
        return "kernel: " + KernelChoice.kernel(settings.kernel()).description() + "\nthreads a batch: "
                + settings.threads();
    }

    @Override
    public Optional<String> unavailableForModels(BackendSettings settings) {
        return switch (settings.modelType()) {
            case AUTO, FP32 -> Optional.empty();
            case FP16, BF16 -> Optional.of(settings.modelType().refusal("fp32", "fp32 or auto"));
        };
    }

    @Override
    public String modelType(BackendSettings settings) {
        return "fp32";
    }

    @Override
    public ModelBackend createForModels(BackendSettings settings) {
        return new CpuModels(settings);
    }

    @Override
    public AttentionBackend create(BackendSettings settings) {
        return new CpuAttention(settings);
    }
}
