package org.pagedattention.cudnn;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.BatchInputs;
import org.pagedattention.backend.DeviceBatch;
import org.pagedattention.backend.DeviceTensors;
import org.pagedattention.cudnn.graph.TensorId;
import org.pagedattention.gpu.GpuStream;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.paging.PagedBatch;

/** A backend whose outputs hold NaN until the GPU writes them, so that a row nobody writes cannot look right. */
class PoisonedAttention extends CudnnAttention {
    private static final int NAN_BYTE = 0xff;

    PoisonedAttention(BackendSettings settings, CudnnOptions options) {
        super(settings, options);
    }

    @Override
    CudnnBatch open(
            AttentionSpec spec,
            PagedBatch pages,
            boolean wantLse,
            BatchInputs inputs,
            @Nullable NonFiniteRepair repair) {
        device.bind();
        LaunchPlan plan = plan(repair == null ? options.apart() : options, spec, pages, wantLse);
        if (plan != null) {
            poisonDevice(plan);
        }
        HostOutputs outputs = HostOutputs.take(device.pinned(), spec, pages.queryTokens(), wantLse);
        poison(outputs.output());
        if (outputs.lse() != null) {
            poison(outputs.lse());
        }
        return new CudnnBatch(device, spec, pages, plan, (HostInputs) inputs, outputs, repair);
    }

    @Nullable
    LaunchPlan plan(CudnnOptions how, AttentionSpec spec, PagedBatch pages, boolean wantLse) {
        return LaunchPlan.fromHost(device, how, spec, pages, wantLse);
    }

    @Override
    public DeviceBatch attend(AttentionSpec spec, PagedBatch pages, DeviceTensors tensors) {
        device.bind();
        LaunchPlan plan = LaunchPlan.onDevice(device, options, spec, pages, tensors);
        // in place, outputs are the caller's
        if (plan != null && !plan.inPlace()) {
            poisonDevice(plan);
        }
        return RunningBatch.start(device, plan, Endpoints.onDevice(tensors));
    }

    /** The pool lends the block that it got last, which is where the outputs will be. */
    private void poisonDevice(LaunchPlan plan) {
        try (MemoryBlock block = device.memory().acquire(plan.block().bytes());
                GpuStream stream = new GpuStream()) {
            Map<TensorId, Long> tensors = new HashMap<>();
            plan.block().resolve(block.address(), tensors);
            long rows = (long) plan.pages().queryTokens() * plan.spec().queryHeads();
            long rowBytes = (long) plan.shape().valueDim() * plan.spec().type().bytes();
            stream.fill(Objects.requireNonNull(tensors.get(SdpaTensor.OUTPUT)), NAN_BYTE, rows * rowBytes);
            if (plan.shape().stats()) {
                stream.fill(Objects.requireNonNull(tensors.get(SdpaTensor.LSE)), NAN_BYTE, rows * Float.BYTES);
            }
            stream.synchronize();
        }
    }

    private static void poison(MemoryBlock block) {
        byte[] nans = new byte[Math.toIntExact(block.bytes())];
        Arrays.fill(nans, (byte) NAN_BYTE);
        block.buffer().put(0, nans);
    }
}
