package org.pagedattention.cudnn;

import java.util.List;
import org.pagedattention.attention.AttentionProblem;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.device.GpuLimits;
import org.pagedattention.gpu.GpuFatalException;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;

/**
 * Breaks the CUDA context of its process with an illegal address, and sees that this and every later use says so. No
 * test method, because nothing on the GPU works afterwards in the same process.
 */
final class FatalErrorCheck {
    private FatalErrorCheck() {}

    public static void main(String[] args) {
        AttentionSpec spec = new AttentionSpec(4, 2, 64, 64, ElementType.FP16, Mask.causal(), 0.125f);
        new CudnnBackendProvider().unavailable(BackendSettings.defaults()).ifPresent(problem -> {
            throw new IllegalStateException(problem);
        });
        CudnnAttention backend =
                new CudnnAttention(BackendSettings.defaults(), new CudnnOptions(Packing.When.WHERE_IT_PAYS, false));
        SharedDevice device = SharedDevice.acquire(0, GpuLimits.defaults());
        PagedBatch pages = PagedBatch.plan(PageLayout.PACKED, 64, List.of(new SequenceLengths(500, 500)));
        expectFatal("the launch itself", () -> IllegalLaunch.run(device, spec, pages));
        AttentionProblem problem = AttentionProblem.selfAttention(spec, PageLayout.PACKED, 64, 1, 100);
        expectFatal("a later batch", () -> problem.run(backend));
        System.out.println("fatal errors are told apart: ok");
        // what CUDA holds cannot be closed any more
        Runtime.getRuntime().halt(0);
    }

    private static void expectFatal(String what, Runnable action) {
        try {
            action.run();
        } catch (GpuFatalException e) {
            System.out.println(what + ": " + e.getMessage());
            return;
        }
        throw new IllegalStateException(what + " did not fail");
    }
}
