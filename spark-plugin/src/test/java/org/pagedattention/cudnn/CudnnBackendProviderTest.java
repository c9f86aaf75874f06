package org.pagedattention.cudnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pagedattention.backend.BackendChoice;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelType;

class CudnnBackendProviderTest {
    private final CudnnBackendProvider provider = new CudnnBackendProvider();

    @Test
    void isInstalled() {
        assertThat(BackendChoice.installed()).hasAtLeastOneElementOfType(CudnnBackendProvider.class);
        assertThat(provider.name()).isEqualTo("cudnn");
    }

    /** Whatever the machine: nobody asks a GPU for that. */
    @Test
    void modelsComputeInWhatIsAskedForOrNotAtAll() {
        BackendSettings fp32 = BackendSettings.defaults().withModelType(ModelType.FP32);
        BackendSettings bf16 = BackendSettings.defaults().withModelType(ModelType.BF16);
        String problem = "it computes models in 16 bits, and spark.pagedAttention.model.dtype is fp32: set it to fp16,"
                + " bf16 or auto";
        assertThat(provider.unavailableForModels(fp32)).contains(problem);
        assertThatThrownBy(() -> provider.createForModels(fp32)).hasMessageContaining(problem);
        BackendChoice choice = BackendChoice.chooseForModels("auto", fp32, BackendChoice.installed());
        assertThat(choice.provider().name()).isEqualTo("cpu");
        assertThat(choice.passedOver()).containsExactly("cudnn: " + problem);
        assertThatThrownBy(() -> BackendChoice.chooseForModels("cpu", bf16, BackendChoice.installed()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("backend 'cpu' cannot work here: it computes models in fp32, and"
                        + " spark.pagedAttention.model.dtype is bf16: set it to fp32 or auto");
        // attention has a type of its own
        assertThat(BackendChoice.choose("cpu", bf16, BackendChoice.installed()).passedOver())
                .isEmpty();
    }

    @Test
    void saysWhatToDoWhereItCannotWork() {
        BackendSettings settings = BackendSettings.defaults();
        Optional<String> problem = provider.unavailable(settings);
        assumeTrue(problem.isPresent(), "there is a GPU here");
        // auto shows it, too, when it has chosen the CPU already
        assertThat(problem.get()).doesNotContain("spark.pagedAttention.backend");
        assertThatThrownBy(() -> provider.create(settings))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("backend 'cudnn' cannot work here: " + problem.get() + BackendChoice.ELSE_AUTO);
        assertThatThrownBy(() -> RandomLaunches.open(settings))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(problem.get());
    }
}
