package org.pagedattention.cudnn;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.attention.Mask;
import org.pagedattention.tensor.ElementType;

class CudnnVersionTest {
    @ParameterizedTest
    @CsvSource({"91400,9.14.0", "91002,9.10.2", "90501,9.5.1", "8907,8.9.7"})
    void readsTheLibrarysNumber(long number, String version) {
        assertThat(CudnnVersion.of(number)).hasToString(version);
    }

    @ParameterizedTest
    @CsvSource({
        "8907,has no paged attention",
        "90400,has no paged attention",
        "90501,cannot run ragged queries",
        "91000,wrong attention results",
        "91001,wrong attention results"
    })
    void refusesVersionsThatCannotOrMustNot(long number, String reason) {
        assertThat(CudnnVersion.of(number).refusal())
                .hasValueSatisfying(text -> assertThat(text)
                        .contains(CudnnVersion.of(number).toString(), reason, "9.10.2 or newer")
                        .contains("spark.pagedAttention.cudnn.libraryPath"));
    }

    @ParameterizedTest
    @ValueSource(longs = {90700, 90900, 91002, 91400, 91500, 91900, 92500})
    void takesTheOthers(long number) {
        assertThat(CudnnVersion.of(number).refusal()).isEmpty();
    }

    @Test
    void warnsOfSlowOnes() {
        assertThat(CudnnVersion.of(91400).warning())
                .hasValueSatisfying(text -> assertThat(text).contains("9.14.0", "half speed", "9.15.0"));
        assertThat(CudnnVersion.of(91500).warning()).isEmpty();
    }

    @Test
    void refusesLongWindowsWithoutABandWhereTheyAreWrong() {
        SdpaShape broken = shape(128, 4096, Mask.Band.NONE, true);
        assertThat(CudnnVersion.of(91400).refusal(broken))
                .hasValueSatisfying(
                        text -> assertThat(text).contains("9.14.0", "1024 keys", "--mask", "--backend cpu"));
        assertThat(CudnnVersion.of(90900).refusal(broken)).isPresent();
        assertThat(CudnnVersion.of(91401).refusal(broken)).isEmpty();
        assertThat(CudnnVersion.of(91400).refusal(shape(128, 1024, Mask.Band.NONE, true)))
                .isEmpty();
        assertThat(CudnnVersion.of(91400).refusal(shape(128, 4096, Mask.Band.CAUSAL, true)))
                .isEmpty();
        assertThat(CudnnVersion.of(91400).refusal(shape(128, 4096, Mask.Band.NONE, false)))
                .isEmpty();
    }

    @Test
    void refusesLargeHeadsWhereTheyAreNotSupported() {
        SdpaShape large = shape(192, 1024, Mask.Band.CAUSAL, false);
        assertThat(CudnnVersion.of(90900).refusal(large))
                .hasValueSatisfying(text -> assertThat(text).contains("at most 128"));
        assertThat(CudnnVersion.of(91002).refusal(large)).isEmpty();
    }

    @Test
    void masksWithInfinityWhereItIsTaken() {
        assertThat(CudnnVersion.of(91002).maskedScore()).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(CudnnVersion.of(90900).maskedScore()).isEqualTo(-Float.MAX_VALUE);
    }

    private static SdpaShape shape(int headDim, int maxKv, Mask.Band band, boolean windowed) {
        PageShape pages = new PageShape(64, 64, 100);
        return new SdpaShape(
                ElementType.FP16, 4, 2, 2, headDim, 64, 256, maxKv, pages, band, windowed, true, false, false, true);
    }
}
