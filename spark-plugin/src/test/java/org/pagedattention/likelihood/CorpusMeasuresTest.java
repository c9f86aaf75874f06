package org.pagedattention.likelihood;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CorpusMeasuresTest {

    /** Ten bits over two tokens, five words and ten bytes. */
    @Test
    void measuresPerTokenWordAndByte() {
        CorpusMeasures measures = new CorpusMeasures(-10 * Math.log(2), 2, 5, 10);
        assertThat(measures.perplexity()).isCloseTo(32, within(1e-12));
        assertThat(measures.wordPerplexity()).isCloseTo(4, within(1e-12));
        assertThat(measures.bytePerplexity()).isCloseTo(2, within(1e-12));
        assertThat(measures.bitsPerByte()).isCloseTo(1, within(1e-12));
    }

    @Test
    void hasNoAnswerForNothing() {
        CorpusMeasures nothing = new CorpusMeasures(0, 0, 0, 0);
        assertThat(nothing.perplexity()).isNaN();
        assertThat(nothing.bitsPerByte()).isNaN();
    }

    /** Python: len(re.split(r"\s+", text)). */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "\"\", 1",
                "\" \", 2",
                "\"a\", 1",
                "\"a b\", 2",
                "\" a b\", 3",
                "\"a  b \", 3",
                "\"a\t\n b\u00a0c\", 3",
                "\"a\u001cb\u0085c\", 3",
                "\"a\u200bb\", 1",
                "\"é ü\", 2"
            })
    void countsWordsAsPythonDoes(String text, int words) {
        assertThat(Spaces.words(text)).isEqualTo(words);
    }
}
