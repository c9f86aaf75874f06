package org.pagedattention.jobs.lengths;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LengthScanTest {
    /** Bytes of two heads of 16 in fp16, and elements of two heads of 8. */
    private final LengthScan scan =
            new LengthScan(new TokenColumn("k", true, 64), new TokenColumn("v", false, 16), List.of());

    @Test
    void rowsWithAsManyKeysAsValuesAreGood() {
        assertThat(scan.problem(640, 160)).isNull();
        assertThat(scan.problem(0, 0)).isNull();
    }

    @Test
    void saysWhatIsWrongWithOthers() {
        assertThat(scan.problem(null, 160)).isEqualTo("column k is null");
        assertThat(scan.problem(640, null)).isEqualTo("column v is null");
        assertThat(scan.problem(65, 160)).isEqualTo("column k has 65 bytes, and a token takes 64");
        assertThat(scan.problem(64, 17)).isEqualTo("column v has 17 elements, and a token takes 16");
        assertThat(scan.problem(64, 32)).isEqualTo("column k has 1 tokens and column v has 2");
    }
}
