package org.pagedattention.jobs.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.pagedattention.jobs.bench.GpuSampler.Sample;
import org.pagedattention.jobs.bench.GpuSampler.Span;

class GpuSamplerTest {

    @Test
    void looksAtTheSpansAlone() {
        List<Sample> samples = List.of(new Sample(5, 0), new Sample(15, 40), new Sample(25, 100), new Sample(35, 80));
        assertThat(GpuSampler.idleShare(samples, List.of(new Span(10, 20), new Span(30, 40))))
                .isCloseTo(0.4, within(1e-9));
    }

    @Test
    void knowsNothingWithoutSamples() {
        assertThat(GpuSampler.idleShare(List.of(new Sample(5, 0)), List.of(new Span(10, 20))))
                .isNaN();
    }
}
