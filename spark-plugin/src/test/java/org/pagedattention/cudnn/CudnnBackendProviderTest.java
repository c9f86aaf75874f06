package org.pagedattention.cudnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pagedattention.backend.BackendChoice;
import org.pagedattention.backend.BackendSettings;

class CudnnBackendProviderTest {
    private final CudnnBackendProvider provider = new CudnnBackendProvider();

    @Test
    void isInstalled() {
        assertThat(BackendChoice.installed()).hasAtLeastOneElementOfType(CudnnBackendProvider.class);
        assertThat(provider.name()).isEqualTo("cudnn");
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
