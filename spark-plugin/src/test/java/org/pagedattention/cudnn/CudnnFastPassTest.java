package org.pagedattention.cudnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Tag;

/** As it is by default: kernels are those that suit the batch, so that a text's bits may differ from batch to batch. */
@Tag("gpu")
class CudnnFastPassTest extends CudnnPassTest {

    @Override
    boolean deterministic() {
        return false;
    }

    @Override
    protected void assertSame(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat((double) actual[i]).isCloseTo(expected[i], within(tolerance()));
        }
    }
}
