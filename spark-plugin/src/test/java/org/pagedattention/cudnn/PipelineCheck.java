package org.pagedattention.cudnn;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import org.pagedattention.attention.AttentionBatch;
import org.pagedattention.attention.AttentionProblem;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.BackendSettings;
import org.pagedattention.attention.ElementType;
import org.pagedattention.attention.Mask;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;

/** Prints how fast whole batches go through the backend, copies both ways included, by how many are under way at once. */
final class PipelineCheck {
    private static final int BATCHES = 60;

    private PipelineCheck() {}

    public static void main(String[] args) {
        AttentionSpec spec = new AttentionSpec(8, 8, 64, 64, ElementType.FP16, Mask.causal(), 0.125f);
        List<SequenceLengths> lengths = Collections.nCopies(32, new SequenceLengths(512, 512));
        PagedBatch pages = PagedBatch.plan(PageLayout.PACKED, 64, lengths);
        AttentionProblem problem = new AttentionProblem(spec, pages, 1);
        try (CudnnAttention backend = (CudnnAttention) new CudnnBackendProvider().create(BackendSettings.defaults())) {
            for (int inFlight : new int[] {1, 3, 1, 2, 3, 4}) {
                double millis = run(backend, spec, pages, problem, inFlight);
                double megabytes = 4.0 * 32 * 512 * 8 * 64 * 2 / 1e6;
                System.out.printf(
                        "%d in flight: %.2f ms a batch of %.0f MB, %.1f GB/s in and out%n",
                        inFlight, millis, megabytes, megabytes / millis);
            }
        }
    }

    private static double run(
            CudnnAttention backend, AttentionSpec spec, PagedBatch pages, AttentionProblem problem, int inFlight) {
        Deque<AttentionBatch> running = new ArrayDeque<>();
        for (int i = 0; i < inFlight; i++) {
            // leaves real numbers in every pooled buffer
            running.add(Gpu.start(backend, spec, pages, problem));
        }
        running.forEach(PipelineCheck::finish);
        running.clear();
        long start = System.nanoTime();
        for (int i = 0; i < BATCHES; i++) {
            AttentionBatch batch = backend.open(spec, pages, false);
            batch.start();
            running.add(batch);
            if (running.size() == inFlight) {
                finish(running.poll());
            }
        }
        running.forEach(PipelineCheck::finish);
        return (System.nanoTime() - start) / 1e6 / BATCHES;
    }

    private static void finish(AttentionBatch batch) {
        batch.await();
        batch.close();
    }
}
