package org.pagedattention.cudnn;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Optional;
import org.pagedattention.attention.AttentionProblem;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.paging.PagedBatch;

/** What GPU tests share. */
final class Gpu {
    private Gpu() {}

    /** Skips the test where there is no GPU, and fails it where one is required: no test is left out unnoticed. */
    static void require() {
        Optional<String> problem = new CudnnBackendProvider().unavailable(BackendSettings.defaults());
        if (problem.isPresent()) {
            if (System.getProperty("pagedattention.requiredBackend", "").equals(CudnnAttention.NAME)) {
                fail("backend 'cudnn' is required and cannot work here: " + problem.get());
            }
            assumeTrue(false, problem.get());
        }
    }

    /** A backend whose outputs hold NaN until the GPU writes them. */
    static CudnnAttention poisoned() {
        return poisoned(Packing.When.WHERE_IT_PAYS);
    }

    /** The same, which packs short sequences when it is told to. */
    static CudnnAttention poisoned(Packing.When packing) {
        require();
        return new PoisonedAttention(BackendSettings.defaults(), new CudnnOptions(packing, false));
    }

    /** Opens a batch with the inputs of {@code problem} and starts it. */
    static AttentionBatch start(
            CudnnAttention backend, AttentionSpec spec, PagedBatch pages, AttentionProblem problem) {
        AttentionBatch batch = backend.open(spec, pages, true);
        problem.fill(batch);
        batch.start();
        return batch;
    }
}
