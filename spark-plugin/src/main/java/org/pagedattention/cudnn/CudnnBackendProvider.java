package org.pagedattention.cudnn;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.backend.BackendChoice;
import org.pagedattention.backend.BackendProvider;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.ModelType;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.cudnn.library.CudnnEnvironment;
import org.pagedattention.cudnn.library.VisibleDevices;
import org.pagedattention.cudnn.models.CudnnModels;
import org.pagedattention.device.DeviceFacts;

/** Makes {@link CudnnAttention}. CUDA's classes are not touched before somebody asks whether this can work. */
public final class CudnnBackendProvider implements BackendProvider {
    private static final System.Logger LOG = System.getLogger(CudnnBackendProvider.class.getName());
    private static final int PREFERENCE = 10;

    /** A process loads native libraries once, so the answer for given settings does not change. */
    private static final Map<BackendSettings, CudnnEnvironment> LOOKED = new ConcurrentHashMap<>();

    @Override
    public String name() {
        return CudnnAttention.NAME;
    }

    @Override
    public int preference() {
        return PREFERENCE;
    }

    @Override
    public Optional<String> unavailable(BackendSettings settings) {
        return environment(settings).problem();
    }

    @Override
    public String describe(BackendSettings settings) {
        return String.join("\n", environment(settings).facts());
    }

    @Override
    public List<DeviceFacts> devices(BackendSettings settings) {
        return VisibleDevices.list(environment(settings));
    }

    @Override
    public Optional<String> unavailableForModels(BackendSettings settings) {
        return settings.modelType() == ModelType.FP32
                ? Optional.of(settings.modelType().refusal("16 bits", "fp16, bf16 or auto"))
                : unavailable(settings);
    }

    @Override
    public String modelType(BackendSettings settings) {
        return settings.modelType() == ModelType.AUTO
                ? "the checkpoint's 16 bits, fp32 as fp16"
                : settings.modelType().toString();
    }

    @Override
    public ModelBackend createForModels(BackendSettings settings) {
        requireWorking(settings, unavailableForModels(settings));
        SharedDevice device = SharedDevice.acquire(settings.device(), settings.gpu());
        try {
            PassAttention attention = new PassAttention(device, CudnnOptions.of(settings));
            return new CudnnModels(name(), device, attention, settings.deterministic(), settings.modelType());
        } catch (RuntimeException e) {
            device.release();
            throw e;
        }
    }

    @Override
    public AttentionBackend create(BackendSettings settings) {
        requireWorking(settings, unavailable(settings));
        return new CudnnAttention(settings, CudnnOptions.of(settings));
    }

    private static void requireWorking(BackendSettings settings, Optional<String> unavailable) {
        unavailable.ifPresent(problem -> {
            throw new IllegalStateException("backend 'cudnn' cannot work here: " + problem + BackendChoice.ELSE_AUTO);
        });
        LOG.log(
                System.Logger.Level.INFO,
                () -> String.join("; ", environment(settings).facts()));
    }

    private static CudnnEnvironment environment(BackendSettings settings) {
        return LOOKED.computeIfAbsent(settings, CudnnEnvironment::inspect);
    }
}
