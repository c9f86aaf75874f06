package org.pagedattention.cudnn.models;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowBucketsTest {

    @ParameterizedTest
    @CsvSource({
        "1, 256",
        "256, 256",
        "257, 512",
        "9000, 16384",
        "16385, 24576",
        "24577, 32768",
        "40000, 49152",
        "49153, 65536",
        "65536, 65536",
        "65537, 98304"
    })
    void roundsRowsUp(int rows, int bucket) {
        assertThat(RowBuckets.FAST.rows(rows)).isEqualTo(bucket);
        assertThat(RowBuckets.FAST.launchRows(rows)).isEqualTo(bucket);
        assertThat(RowBuckets.FAST.launches(rows)).isOne();
    }

    @Test
    void hasFewBuckets() {
        assertThat(IntStream.rangeClosed(1, 65_536).map(RowBuckets.FAST::rows).distinct())
                .hasSize(11);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "8192, 1", "8193, 2", "65536, 8"})
    void launchesStepsOfOneSize(int rows, int launches) {
        assertThat(RowBuckets.STEADY.launches(rows)).isEqualTo(launches);
        assertThat(RowBuckets.STEADY.launchRows(rows)).isEqualTo(8192);
        assertThat(RowBuckets.STEADY.rows(rows)).isEqualTo(launches * 8192);
    }
}
