package org.pagedattention.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.pagedattention.attention.AttentionProblem;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.backend.AttentionBackendContract;
import org.pagedattention.backend.BackendSettings;

/** Named explicitly, so a missing module fails these tests instead of skipping them. */
class CpuVectorAttentionTest extends AttentionBackendContract {
    /** Sums in another order round otherwise; over a batch that evens out to some thousandths. */
    private static final double NO_WORSE = 1.02;

    @Override
    protected AttentionBackend create() {
        return new CpuAttention(BackendSettings.defaults().withThreads(2).withKernel("vector"));
    }

    @Override
    protected void checkMore(AttentionProblem problem, AttentionProblem.Outcome outcome) {
        try (AttentionBackend scalar =
                new CpuAttention(BackendSettings.defaults().withThreads(1).withKernel("scalar"))) {
            double error = problem.error(outcome);
            double ofScalar = problem.error(problem.run(scalar));
            assertThat(error).isLessThanOrEqualTo(NO_WORSE * ofScalar);
        }
    }
}
