package org.pagedattention.jobs.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LengthsTest {

    private static int[] draws(String form, int count) {
        Lengths lengths = Lengths.parse(form);
        SplittableRandom random = new SplittableRandom(1);
        return IntStream.range(0, count).map(i -> lengths.draw(random)).toArray();
    }

    @Test
    void logNormalHasTheMeanAndSigmaAskedFor() {
        int[] lengths = draws("lognormal:512:0.5:100000", 200_000);
        double mean = IntStream.of(lengths).average().orElseThrow();
        double meanLog = IntStream.of(lengths).mapToDouble(Math::log).average().orElseThrow();
        double variance = IntStream.of(lengths)
                .mapToDouble(length -> Math.pow(Math.log(length) - meanLog, 2))
                .average()
                .orElseThrow();
        assertThat(mean).isCloseTo(512, within(3.0));
        assertThat(Math.sqrt(variance)).isCloseTo(0.5, within(0.01));
    }

    @Test
    void logNormalStaysFromOneToMax() {
        int[] lengths = draws("lognormal:8:2:64", 10_000);
        assertThat(IntStream.of(lengths).min()).hasValue(1);
        assertThat(IntStream.of(lengths).max()).hasValue(64);
    }

    @Test
    void sigmaZeroIsFixed() {
        assertThat(draws("lognormal:100:0:200", 10)).containsOnly(100);
        assertThat(draws("fixed:7", 10)).containsOnly(7);
    }

    @Test
    void uniformReachesBothEnds() {
        int[] lengths = draws("uniform:3:5", 10_000);
        assertThat(IntStream.of(lengths).distinct().sorted()).containsExactly(3, 4, 5);
        assertThat(IntStream.of(lengths).average()).hasValueCloseTo(4.0, within(0.05));
    }

    @ParameterizedTest
    @ValueSource(strings = {"lognormal:512:0.8:4096", "fixed:0", "uniform:0:9"})
    void printsAsItIsTyped(String form) {
        assertThat(Lengths.parse(form)).hasToString(form);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "512",
                "fixed",
                "fixed:x",
                "fixed:-1",
                "uniform:5:3",
                "uniform:-1:3",
                "lognormal:512:0.8",
                "lognormal:0:1:9",
                "lognormal:NaN:1:9",
                "lognormal:9:-1:9",
                "lognormal:9:1:0",
                "normal:5:1"
            })
    void refusesWhatIsNoForm(String form) {
        assertThatThrownBy(() -> Lengths.parse(form)).isInstanceOf(IllegalArgumentException.class);
    }
}
