package org.pagedattention.cudnn;

import org.pagedattention.attention.AttentionProblem;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.tensor.ElementType;

/**
 * Loads cuDNN from a given place and runs a batch with it. No test method, because a process loads one cuDNN only.
 *
 * <p>Arguments: the library's file or folder, and the version that must come from there.
 */
final class LibraryCheck {
    private LibraryCheck() {}

    public static void main(String[] args) {
        BackendSettings settings = BackendSettings.defaults().withCudnnLibraryPath(args[0]);
        CudnnBackendProvider provider = new CudnnBackendProvider();
        System.out.println(provider.unavailable(settings).orElse("available"));
        System.out.println(provider.describe(settings));
        if (args.length > 1) {
            String facts = provider.describe(settings);
            if (!facts.contains("cuDNN " + args[1])) {
                throw new IllegalStateException("expected cuDNN " + args[1]);
            }
            AttentionSpec spec = new AttentionSpec(4, 2, 64, 64, ElementType.FP16, Mask.causal(), 0.125f);
            AttentionProblem problem = AttentionProblem.selfAttention(spec, PageLayout.PACKED, 64, 1, 100, 33);
            try (CudnnAttention backend = (CudnnAttention) provider.create(settings)) {
                long start = System.nanoTime();
                problem.assertMatches(problem.run(backend));
                System.out.printf("first batch right, %.2f s%n", (System.nanoTime() - start) / 1e9);
            }
        }
    }
}
