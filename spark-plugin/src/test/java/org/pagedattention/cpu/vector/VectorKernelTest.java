package org.pagedattention.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VectorKernelTest {

    @ParameterizedTest
    @CsvSource({
        "amd64, 128, false",
        "x86_64, 128, false",
        "amd64, 256, true",
        "amd64, 512, true",
        "aarch64, 128, true",
    })
    void runsWhereMultiplyAddIsOneInstruction(String arch, int vectorBits, boolean runs) {
        assertThat(VectorKernel.problem(arch, vectorBits).isEmpty()).isEqualTo(runs);
        VectorKernel.problem(arch, vectorBits)
                .ifPresent(text -> assertThat(text).contains("scalar", "AVX2"));
    }
}
