package org.pagedattention.jobs.bench.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CorpusTest {

    @ParameterizedTest
    @ValueSource(ints = {16, 100, 256})
    void hasTextsOfAllLengthsAroundTheMean(int mean) {
        List<String> texts = Corpus.texts(2000, mean, 10_000, 7);

        // a word is a token, and two more stand around them
        IntSummaryStatistics tokens = texts.stream()
                .mapToInt(text -> Pattern.compile(" ").split(text).length + 2)
                .summaryStatistics();
        assertThat(tokens.getAverage()).isCloseTo(mean, within(0.05 * mean));
        assertThat(tokens.getMin()).isLessThan(mean / 2);
        assertThat(tokens.getMax()).isGreaterThan(3 * mean);
        assertThat(Corpus.texts(2000, mean, 10_000, 7)).isEqualTo(texts);
    }
}
