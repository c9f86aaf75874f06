package org.pagedattention.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressLineTest {

    @ParameterizedTest
    @CsvSource({
        "1200, 4000, 10, '1,200 of 4,000 sequences (30%), 120/s, about 23 s left'",
        "3999, 4000, 10, '3,999 of 4,000 sequences (99%), 400/s, about 1 s left'",
        "100, 1300, 10, '100 of 1,300 sequences (7%), 10/s, about 2 min left'",
        "100, 100100, 10, '100 of 100,100 sequences (0%), 10/s, about 2.8 h left'",
    })
    void aKnownTotalGivesAPercentageAndAnEstimate(long done, long total, double seconds, String line) {
        assertThat(new ProgressLine("sequences", done, 0, total, 0, 2, seconds)).hasToString(line);
    }

    @Test
    void nothingIsEstimatedBeforeTheFirstSequenceAndAfterTheLast() {
        assertThat(new ProgressLine("sequences", 0, 0, 40, 0, 2, 2)).hasToString("0 of 40 sequences (0%), 0/s");
        assertThat(new ProgressLine("sequences", 40, 0, 40, 2, 2, 2)).hasToString("40 of 40 sequences (100%), 20/s");
    }

    @Test
    void sequencesCountedTwiceMakeNoMoreThanAll() {
        assertThat(new ProgressLine("sequences", 50, 0, 40, 2, 2, 2)).hasToString("40 of 40 sequences (100%), 20/s");
    }

    @Test
    void anUnknownTotalGivesTasksWithoutAPercentage() {
        assertThat(new ProgressLine("sequences", 1500, 0, Progress.UNKNOWN, 3, 42, 3))
                .hasToString("1,500 sequences, 500/s, 3 of 42 tasks done");
    }

    @Test
    void tellsTokensWhereTheyAreCounted() {
        assertThat(new ProgressLine("texts", 1500, 30_000, Progress.UNKNOWN, 3, 42, 3))
                .hasToString("1,500 texts, 500/s, 10,000 tokens/s, 3 of 42 tasks done");
        assertThat(new ProgressLine("texts", 1500, 30_000, 6000, 3, 42, 3))
                .hasToString("1,500 of 6,000 texts (25%), 500/s, 10,000 tokens/s, about 9 s left");
    }
}
