package org.pagedattention.cudnn.library;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
}
