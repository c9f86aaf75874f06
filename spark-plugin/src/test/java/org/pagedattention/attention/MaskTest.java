package org.pagedattention.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MaskTest {

    @ParameterizedTest
    @CsvSource({
        // band, window, query, queries, keys, first, end
        "none, 0, 3, 5, 9, 0, 9",
        "none, 2, 3, 5, 9, 2, 9",
        "none, 2, 0, 5, 9, 0, 9",
        "none, 2, 20, 30, 9, 9, 9",
        "causal, 0, 0, 5, 9, 0, 1",
        "causal, 0, 4, 5, 9, 0, 5",
        "causal, 0, 12, 20, 9, 0, 9",
        "causal, 3, 4, 5, 9, 2, 5",
        "causal, 3, 20, 30, 9, 9, 9",
        "causal-bottom-right, 0, 0, 5, 9, 0, 5",
        "causal-bottom-right, 0, 4, 5, 9, 0, 9",
        "causal-bottom-right, 1, 4, 5, 9, 8, 9",
        "causal-bottom-right, 0, 0, 9, 5, 0, 0",
        "causal-bottom-right, 0, 3, 9, 5, 0, 0",
        "causal-bottom-right, 0, 4, 9, 5, 0, 1"
    })
    void boundsWhatAQuerySees(String band, int window, int query, int queries, int keys, int first, int end) {
        Mask mask = Mask.parse(band, window);
        assertThat(mask.firstKey(query, queries, keys)).as("first").isEqualTo(first);
        assertThat(mask.endKey(query, queries, keys)).as("end").isEqualTo(end);
    }

    @ParameterizedTest
    @CsvSource({
        // window, query, keys, first, end
        "0, 3, 9, 0, 9",
        "1, 3, 9, 3, 4",
        "3, 3, 9, 1, 6",
        "3, 0, 9, 0, 3",
        "3, 8, 9, 6, 9",
        "3, 20, 9, 9, 9",
        "2147483647, 5, 9, 0, 9"
    })
    void boundsWhatAQuerySeesOnBothSides(int window, int query, int keys, int first, int end) {
        assertThat(Mask.around(window).firstKey(query, 5, keys)).as("first").isEqualTo(first);
        assertThat(Mask.around(window).endKey(query, 5, keys)).as("end").isEqualTo(end);
    }

    @ParameterizedTest
    @CsvSource({
        "none, 0, 3, 5, 15",
        "causal, 0, 4, 4, 10",
        "causal, 2, 4, 4, 7",
        "causal, 0, 4, 2, 7",
        "causal-bottom-right, 0, 2, 4, 7",
        "causal-bottom-right, 0, 9, 5, 15",
        "causal, 0, 0, 5, 0"
    })
    void countsVisiblePairs(String band, int window, int queries, int keys, long pairs) {
        assertThat(Mask.parse(band, window).visiblePairs(queries, keys)).isEqualTo(pairs);
    }

    @ParameterizedTest
    @CsvSource({"diagonal, 0, diagonal", "causal, -1, -1"})
    void refusesWhatItDoesNotKnow(String band, int window, String named) {
        assertThatThrownBy(() -> Mask.parse(band, window))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(named);
    }
}
