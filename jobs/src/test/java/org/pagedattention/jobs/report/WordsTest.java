package org.pagedattention.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordsTest {

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "7,7",
        "999,999",
        "1000,1.00k",
        "99400,99.4k",
        "999499,999k",
        "999500,1.00M",
        "2345678,2.35M",
        "1e13,10.0T"
    })
    void shortensCounts(double value, String text) {
        assertThat(Words.shortly(value)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "0.02,0.02 s",
        "9.9,9.90 s",
        "59.94,59.9 s",
        "60,1 min 0 s",
        "3599,59 min 59 s",
        "3600,1 h 0 min",
        "90061,25 h 1 min"
    })
    void saysTimes(double seconds, String text) {
        assertThat(Words.time(seconds)).isEqualTo(text);
    }
}
