package org.pagedattention.cudnn;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.cudnn.device.InFlight;
import org.pagedattention.cudnn.device.Lane;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.cudnn.graph.PlanCache;
import org.pagedattention.cudnn.graph.TensorId;
import org.pagedattention.cudnn.models.Attention;
import org.pagedattention.cudnn.models.RowStrides;
import org.pagedattention.gpu.GpuStream;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.paging.PagedBatch;

/** Attention as the layers of a model's pass use it, on the graphs that serve tables of q, k and v. */
record PassAttention(SharedDevice device, CudnnOptions options) implements Attention {

    @Override
    public Planned plan(AttentionSpec spec, PagedBatch pages, RowStrides strides, boolean roomy) {
        float maskedScore = new SdpaSupport(device.version()).maskedScore();
        return new OfPlan(LaunchPlan.ofPass(device, options, spec, pages, strides, roomy), maskedScore);
    }

    /**
     * @param plan null when no sequence has a query
     */
    private record OfPlan(@Nullable LaunchPlan plan, float maskedScore) implements Planned {

        @Override
        public Collection<PlanCache.Planned<?>> graphs() {
            return plan == null ? List.of() : List.copyOf(plan.planned());
        }

        @Override
        public long rows() {
            return plan == null ? 0 : plan.shape().queryRows(plan.pages().queryTokens());
        }

        @Override
        public long hostBytes() {
            return plan == null ? 0 : plan.hostBytes();
        }

        @Override
        public long deviceBytes() {
            return plan == null ? 0 : plan.block().bytes();
        }

        @Override
        public Placed place(MemoryBlock host, long hostAt, long device) {
            return plan == null
                    ? new Nothing()
                    : new OfTables(new PlacedTables(plan, host, hostAt, device), maskedScore);
        }
    }

    private record OfTables(PlacedTables tables, float maskedScore) implements Placed {

        @Override
        public void send(GpuStream stream) {
            tables.send(stream, maskedScore);
        }

        @Override
        public void attend(Lane lane, InFlight work, Operands at) {
            Map<TensorId, Long> tensors = new HashMap<>();
            tensors.put(SdpaTensor.QUERIES, at.queries());
            tensors.put(SdpaTensor.KEYS, at.keys());
            tensors.put(SdpaTensor.VALUES, at.values());
            tensors.put(SdpaTensor.OUTPUT, at.output());
            tables.attend(lane, work, tensors);
            AttentionSpec spec = tables.plan().spec();
            long headBytes = (long) spec.valueDim() * spec.type().bytes();
            tables.clearHidden(lane.stream(), at.output(), headBytes, 0);
        }
    }

    private record Nothing() implements Placed {
        @Override
        public void send(GpuStream stream) {}

        @Override
        public void attend(Lane lane, InFlight work, Operands at) {}
    }
}
