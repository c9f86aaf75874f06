package org.pagedattention.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;

class KernelChoiceTest {

    @Test
    void takesTheVectorKernelWhereTheModuleIs() {
        assertThat(KernelChoice.kernel("auto").description()).matches("vector, \\d+ bits \\(\\d+ fp32 lanes\\)");
        assertThat(KernelChoice.kernel("vector").description()).startsWith("vector");
        assertThat(KernelChoice.kernel("scalar").description()).isEqualTo("scalar");
    }

    @Test
    void fallsBackOnlyWhenNothingWasNamed() {
        assertThat(KernelChoice.kernel("auto", false).description()).isEqualTo("scalar");
        assertThatIllegalStateException()
                .isThrownBy(() -> KernelChoice.kernel("vector", false))
                .withMessageContaining("--add-modules jdk.incubator.vector");
    }
}
