package org.pagedattention.gpu.cudf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CudfMemoryRequestTest {
    private static final long GIB = 1L << 30;

    @Test
    void takesItsShareOfWhatIsFreeBehindTheHeadRoom() {
        assertThat(new CudfMemoryRequest(0.5, GIB).poolBytes(8 * GIB + (640L << 20)))
                .isEqualTo(4 * GIB);
    }

    @Test
    void isAlignedAsThePoolWantsIt() {
        assertThat(new CudfMemoryRequest(0.333, 0).poolBytes(10 * GIB + 77) % 512)
                .isZero();
    }

    @Test
    void saysWhatIsFreeAndWhichSettingHelpsWhenThatIsTooLittle() {
        assertThatThrownBy(() -> new CudfMemoryRequest(0.1, 0).poolBytes(2 * GIB))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("140 MiB")
                .hasMessageContaining("2048 MiB are free")
                .hasMessageContaining("spark.pagedAttention.gpu.memoryFraction is 0.1");
    }

    @Test
    void refusesFractionsThatAreNone() {
        assertThatThrownBy(() -> new CudfMemoryRequest(1.5, 0))
                .hasMessageContaining("spark.pagedAttention.gpu.memoryFraction is 1.5");
        assertThatThrownBy(() -> new CudfMemoryRequest(0, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void asksForPinnedMemoryThatAPoolCanHave() {
        assertThat(new CudfMemoryRequest(0.5, 0).pinnedBytes()).isZero();
        assertThat(new CudfMemoryRequest(0.5, 1).pinnedBytes()).isEqualTo(512);
        assertThat(new CudfMemoryRequest(0.5, 100_000_000).pinnedBytes()).isEqualTo(100_000_256);
        assertThat(new CudfMemoryRequest(0.5, 3L << 30).pinnedBytes()).isEqualTo(3L << 30);
    }
}
