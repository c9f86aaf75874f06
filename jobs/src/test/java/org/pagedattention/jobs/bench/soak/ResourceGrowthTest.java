package org.pagedattention.jobs.bench.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ResourceGrowthTest {
    private static final long MIB = 1 << 20;

    @Test
    void whatSettlesIsNoLeak() {
        assertThat(ResourceGrowth.complaints(samples(i -> sample(Math.min(i, 9) * 100 * MIB, 60 + i % 3))))
                .isEmpty();
    }

    @Test
    void whatKeepsGrowingIsNamedWithItsFigures() {
        assertThat(ResourceGrowth.complaints(samples(i -> sample(i * 10 * MIB, 2 * i))))
                .containsExactly("heap grew from 150 MiB to 250 MiB", "descriptors grew from 30 to 50");
    }

    @Test
    void aPeakIsNoGrowthAndHidesNone() {
        assertThat(ResourceGrowth.complaints(samples(i -> sample((i == 25 ? 900 : 100) * MIB, 60))))
                .isEmpty();
        assertThat(ResourceGrowth.complaints(samples(i -> sample((i == 15 ? 900 : i * 10) * MIB, 60))))
                .containsExactly("heap grew from 160 MiB to 250 MiB");
    }

    @Test
    void saysWhatItLetsPass() {
        assertThat(ResourceGrowth.slack())
                .isEqualTo(
                        "16 MiB (heap), 96 MiB (resident), 16 MiB (direct), 16 (descriptors), 16 (threads), 64 MiB (GPU)");
    }

    @Test
    void tableHasALineASample() {
        assertThat(ResourceGrowth.table(samples(i -> sample(MIB, 7))).lines())
                .hasSize(31)
                .first()
                .asString()
                .contains("heap", "resident", "direct", "descriptors", "threads");
    }

    private static List<ResourceSample> samples(LongFunction<ResourceSample> sample) {
        return LongStream.range(0, 30).mapToObj(sample).toList();
    }

    private static ResourceSample sample(long heap, long descriptors) {
        return new ResourceSample(heap, 0, 0, descriptors, 5, 0);
    }
}
