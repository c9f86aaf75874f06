package org.pagedattention.cudnn.models;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowBucketsTest {

    @ParameterizedTest
    @CsvSource({
        "1, 512, 1",
        "512, 512, 1",
        "513, 512, 2",
        "3072, 4096, 1",
        "8192, 4096, 2",
        "9000, 512, 18",
        "9300, 4096, 3",
        "12288, 16384, 1",
        "16385, 4096, 5",
        "25000, 16384, 2",
        "65536, 16384, 4",
        "65537, 16384, 5"
    })
    void takesTheLargestLaunchesThatComputeLittleForNobody(int rows, int launchRows, int launches) {
        assertThat(RowBuckets.FAST.launchRows(rows)).isEqualTo(launchRows);
        assertThat(RowBuckets.FAST.launches(rows)).isEqualTo(launches);
        assertThat(RowBuckets.FAST.rows(rows)).isEqualTo(launches * launchRows);
    }

    @Test
    void hasFewBuckets() {
        assertThat(IntStream.rangeClosed(1, 65_536)
                        .map(RowBuckets.FAST::launchRows)
                        .distinct())
                .hasSize(3);
        assertThat(IntStream.rangeClosed(1536, 65_536))
                .allMatch(rows -> RowBuckets.FAST.rows(rows) <= rows + rows / 3 + 1);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "8192, 1", "8193, 2", "65536, 8"})
    void launchesStepsOfOneSize(int rows, int launches) {
        assertThat(RowBuckets.STEADY.launches(rows)).isEqualTo(launches);
        assertThat(RowBuckets.STEADY.launchRows(rows)).isEqualTo(8192);
        assertThat(RowBuckets.STEADY.rows(rows)).isEqualTo(launches * 8192);
    }
}
