package org.pagedattention.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pagedattention.cpu.CpuBackendProvider;

class BackendChoiceTest {
    private static final BackendSettings SETTINGS = BackendSettings.defaults();

    private record Fake(String name, int preference, Optional<String> reason) implements BackendProvider {
        @Override
        public Optional<String> unavailable(BackendSettings settings) {
            return reason;
        }

        @Override
        public String describe(BackendSettings settings) {
            return "";
        }

        @Override
        public AttentionBackend create(BackendSettings settings) {
            throw new IllegalStateException("only chosen here");
        }
    }

    private static final Fake CPU = new Fake("cpu", 0, Optional.empty());
    private static final Fake GPU = new Fake("cudnn", 10, Optional.empty());
    private static final Fake BROKEN_GPU = new Fake("cudnn", 10, Optional.of("no GPU; install one"));

    @Test
    void autoTakesTheBestThatWorks() {
        assertThat(BackendChoice.choose("auto", SETTINGS, List.of(CPU, GPU)).provider())
                .isEqualTo(GPU);
    }

    @Test
    void autoSaysWhatItPassedOver() {
        BackendChoice choice = BackendChoice.choose("auto", SETTINGS, List.of(CPU, BROKEN_GPU));
        assertThat(choice.provider()).isEqualTo(CPU);
        assertThat(choice.passedOver()).containsExactly("cudnn: no GPU; install one");
    }

    @Test
    void aNamedBackendNeverFallsBack() {
        assertThatThrownBy(() -> BackendChoice.choose("cudnn", SETTINGS, List.of(CPU, BROKEN_GPU)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("backend 'cudnn' cannot work here: no GPU; install one, or set spark.pagedAttention.backend"
                        + " to auto");
    }

    @Test
    void anUnknownNameIsAnsweredWithTheKnownOnes() {
        assertThatThrownBy(() -> BackendChoice.choose("tpu", SETTINGS, List.of(CPU, GPU)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cpu or cudnn");
    }

    @Test
    void modelsRunOnBackendsThatCanRunThem() {
        List<BackendProvider> providers = List.of(GPU, new CpuBackendProvider());
        BackendChoice choice = BackendChoice.chooseForModels("auto", SETTINGS, providers);
        assertThat(choice.provider().name()).isEqualTo("cpu");
        assertThat(choice.passedOver())
                .containsExactly("cudnn: it attends tables of q, k and v, and does not run whole models");
        assertThatThrownBy(() -> BackendChoice.chooseForModels("cudnn", SETTINGS, providers))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("backend 'cudnn' cannot work here: it attends tables of q, k and v");
        assertThatThrownBy(() -> GPU.createForModels(SETTINGS)).hasMessageContaining("does not run whole models");
        try (ModelBackend backend = choice.provider().createForModels(SETTINGS)) {
            assertThat(backend.name()).isEqualTo("cpu");
        }
    }
}
