package org.pagedattention.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinearHeadTest {

    @Test
    void scoresWithWeightsBiasAndSigmoid() {
        LinearHead head = LinearHead.parse("{\"weights\": [1, -2.5], \"bias\": 0.5, \"activation\": \"sigmoid\"}");
        assertThat(head.score(new float[] {3, 1})).isCloseTo(1 / (1 + Math.exp(-1.0)), within(1e-12));
        assertThat(LinearHead.parse("{\"weights\":[2]}").score(new float[] {4})).isEqualTo(8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[1, 2] | not a JSON object",
                "{} | needs 'weights'",
                "{\"weights\": []} | needs 'weights'",
                "{\"weights\": [1, \"2\"]} | weights[1] is \"2\"",
                "{\"weights\": [1e60]} | weights[0] is beyond fp32",
                "{\"weights\": [1], \"bias\": 1e999} | bias",
                "{\"weights\": [NaN]} | not valid JSON",
                "{\"weights\": [1], \"activation\": \"relu\"} | use none or sigmoid",
                "{\"weights\": [1], \"weight\": 2} | unknown field 'weight'",
                "{\"weights\": [1], \"weights\": [2]} | not valid JSON",
                "{\"weights\": [1]} {} | not valid JSON",
                "nonsense | not valid JSON"
            })
    void refusesAnythingElse(String json, String said) {
        assertThatThrownBy(() -> LinearHead.parse(json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the head ")
                .hasMessageContaining(said);
    }
}
