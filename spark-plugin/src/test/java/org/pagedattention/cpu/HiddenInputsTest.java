package org.pagedattention.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.attention.ReferenceAttention;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;

/** What a mask hides has no influence, not even when multiplying it by zero would show. */
class HiddenInputsTest {
    private static final int TOKENS = 150;
    private static final int POISONED = 100;
    private static final int DIM = 40;

    @ParameterizedTest
    @ValueSource(strings = {"scalar", "vector"})
    void keepsLaterNonFiniteTokensFromEarlierQueries(String kernel) {
        AttentionSpec spec =
                new AttentionSpec(2, 1, DIM, DIM, ElementType.FP32, Mask.causal(), AttentionSpec.defaultScale(DIM));
        Random random = new Random(4);
        float[] q = gaussians(random, TOKENS * 2 * DIM);
        float[] k = gaussians(random, TOKENS * DIM);
        float[] v = gaussians(random, TOKENS * DIM);
        v[POISONED * DIM + 3] = Float.POSITIVE_INFINITY;
        k[(POISONED + 1) * DIM] = Float.NaN;

        float[] o = attend(kernel, spec, q, k, v);

        double[] expected = ReferenceAttention.attend(
                        spec,
                        Arrays.copyOf(q, POISONED * 2 * DIM),
                        Arrays.copyOf(k, POISONED * DIM),
                        Arrays.copyOf(v, POISONED * DIM))
                .o();
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) o[i]).as("element %d", i).isCloseTo(expected[i], within(1e-5));
        }
        for (int head = 0; head < 2; head++) {
            int row = (POISONED * 2 + head) * DIM;
            assertThat(o[row + 3]).isEqualTo(Float.POSITIVE_INFINITY);
            assertThat(o[row + 2]).isFinite();
            assertThat(o[row + 2 * DIM]).isNaN();
        }
    }

    private static float[] attend(String kernel, AttentionSpec spec, float[] q, float[] k, float[] v) {
        PagedBatch pages = PagedBatch.plan(PageLayout.PACKED, 16, List.of(new SequenceLengths(TOKENS, TOKENS)));
        BackendSettings settings = BackendSettings.defaults().withKernel(kernel);
        try (CpuAttention backend = new CpuAttention(settings);
                AttentionBatch batch = backend.open(spec, pages, false)) {
            put(batch.queries(), q);
            put(batch.keys(), k);
            put(batch.values(), v);
            batch.start();
            float[] o = new float[q.length];
            batch.await().o().asFloatBuffer().get(0, o);
            return o;
        }
    }

    private static void put(ByteBuffer buffer, float[] values) {
        buffer.asFloatBuffer().put(0, values);
    }

    private static float[] gaussians(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
