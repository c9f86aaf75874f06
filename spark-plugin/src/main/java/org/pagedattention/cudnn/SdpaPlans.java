package org.pagedattention.cudnn;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.cudnn.graph.PlanCache;
import org.pagedattention.cudnn.library.CudnnException;

/**
 * Plans of attention graphs: knows what comes nearest to a graph that cuDNN does not take.
 *
 * @param cache the device's plans
 */
record SdpaPlans(PlanCache cache, SdpaSupport support) {

    static SdpaPlans of(SharedDevice device) {
        return new SdpaPlans(device.plans(), new SdpaSupport(device.version()));
    }

    /**
     * Sees to a plan for {@code shape}, or for what comes nearest to it that cuDNN takes.
     *
     * @param paddings head sizes to try
     * @throws IllegalArgumentException when cuDNN takes none
     */
    PlanCache.Planned<SdpaShape> plan(SdpaShape shape, List<HeadDims> paddings) {
        List<CudnnException> refusals = new ArrayList<>();
        return find(shape, paddings, refusals)
                .orElseThrow(() -> new IllegalArgumentException(
                        "cuDNN " + support.version() + " has no attention kernel on this GPU for " + shape
                                + ": set spark.pagedAttention.backend to cpu, or take another head dim or"
                                + " spark.pagedAttention.page.size",
                        refusals.get(refusals.size() - 1)));
    }

    /** The plan as {@link #plan} finds it; empty when cuDNN takes none. */
    Optional<PlanCache.Planned<SdpaShape>> find(SdpaShape shape, List<HeadDims> paddings) {
        return find(shape, paddings, new ArrayList<>());
    }

    private Optional<PlanCache.Planned<SdpaShape>> find(
            SdpaShape shape, List<HeadDims> paddings, List<CudnnException> refusals) {
        for (SdpaShape candidate : candidates(shape, paddings)) {
            Optional<String> gate = support.refusal(candidate);
            if (gate.isPresent()) {
                throw new IllegalArgumentException(gate.get());
            }
            try {
                return Optional.of(cache.plan(candidate));
            } catch (CudnnException e) {
                if (!e.notSupported()) {
                    throw e;
                }
                refusals.add(e);
            }
        }
        return Optional.empty();
    }

    /** A needless padding mask costs less than larger heads. */
    private static List<SdpaShape> candidates(SdpaShape shape, List<HeadDims> paddings) {
        return paddings.stream()
                .map(shape::withHeadDims)
                .flatMap(padded -> Stream.of(padded, padded.withPaddingMask()))
                .distinct()
                .toList();
    }
}
