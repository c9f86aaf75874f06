package org.pagedattention.jobs.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ColumnListTest {
    @Test
    void aNameWithACommaStandsInBackticks() {
        assertThat(ColumnList.parse("--key", List.of("id,`last, first`,day", "`a``b`", "we`ird")))
                .containsExactly("id", "last, first", "day", "a`b", "we`ird");
        assertThat(ColumnList.parse("--key", List.of())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",", "a,", ",a", "a,,b", "`a", "`a`b", "``"})
    void whatIsNoListIsRefused(String text) {
        assertThatThrownBy(() -> ColumnList.parse("--key", List.of(text)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--key '" + text + "'")
                .hasMessageContaining("backticks");
    }
}
