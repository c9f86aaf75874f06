package org.pagedattention.cudnn.models;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.KeepBudget;
import org.pagedattention.backend.KeptTokens;
import org.pagedattention.cudnn.device.Lane;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.cudnn.device.SpareMemory;
import org.pagedattention.cudnn.graph.MemoryPlan;
import org.pagedattention.device.DeviceMemoryException;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.tensor.ElementType;

/**
 * Keys and values in a block of device memory of their own, taken when the pass that leaves them starts. That pass and all
 * that go on behind it use one lane, so that they are written before they are read. While none of them is on the device,
 * the block is given up where others lack memory.
 */
final class CudnnKept implements KeptTokens {
    private final SharedDevice device;
    private final KeepBudget budget;
    private final List<RowRun> runs;
    private final int asked;
    private final MemoryPlan plan = new MemoryPlan();
    private final List<Layer> layers = new ArrayList<>();
    private @Nullable MemoryBlock memory;
    private SpareMemory.@Nullable Block spare;
    private @Nullable Lane lane;

    /** The keys and values of an attention. */
    record Layer(Part keys, Part values) {}

    /**
     * One matrix, a row a token.
     *
     * @param at where in the block it begins
     * @param stride numbers from one row to the next
     */
    record Part(long at, int columns, ElementType type, int stride) {

        long rowBytes() {
            return (long) stride * type.bytes();
        }
    }

    CudnnKept(SharedDevice device, KeepBudget budget, int[] slots) {
        this.device = device;
        this.budget = budget;
        runs = RowRun.of(slots);
        asked = slots.length;
    }

    /** Plans room for what an attention sees of these tokens. */
    Layer add(DeviceTensor keys, DeviceTensor values) {
        Layer layer = new Layer(add(keys), add(values));
        layers.add(layer);
        return layer;
    }

    private Part add(DeviceTensor x) {
        int stride = DeviceTensor.padded(x.columns());
        return new Part(plan.append((long) asked * stride * x.type().bytes()), x.columns(), x.type(), stride);
    }

    /** Which rows of a container become which here. */
    List<RowRun> runs() {
        return runs;
    }

    Layer layer(int attention) {
        if (attention >= layers.size()) {
            throw new IllegalArgumentException(
                    "a pass has more attentions than the " + layers.size() + " of the one it goes on behind");
        }
        return layers.get(attention);
    }

    /**
     * Takes memory for all that was planned, where there is some, before its pass works on {@code used}.
     *
     * @return whether it is there, and until {@link #release} in use
     */
    boolean takeMemory(Lane used) {
        lane = used;
        if (use()) {
            return true;
        }
        if (!budget.take(plan.bytes())) {
            return false;
        }
        try {
            MemoryBlock taken = device.memory().acquire(plan.bytes());
            memory = taken;
            spare = device.spare().keep(() -> free(taken));
        } catch (DeviceMemoryException e) {
            // nothing is kept then
            budget.giveBack(plan.bytes());
        }
        return use();
    }

    private void free(MemoryBlock taken) {
        device.bind();
        taken.close();
        budget.giveBack(plan.bytes());
    }

    /** Holds on to what is there, until {@link #release}; false when it is not there, or no more. */
    boolean use() {
        return spare != null && spare.use();
    }

    /** What is thrown where it is wanted, and not there any more. */
    DeviceMemoryException gone() {
        return new DeviceMemoryException(
                asked + " tokens that an earlier pass had left are given up, since others lacked memory");
    }

    void release() {
        if (spare != null) {
            spare.release();
        }
    }

    /** Where the block is, for who uses it. */
    long address() {
        return memory == null ? 0 : memory.address();
    }

    /** The lane of the pass that has left it. */
    Lane lane() {
        if (lane == null) {
            throw new IllegalStateException("the pass that leaves these tokens was not started");
        }
        return lane;
    }

    @Override
    public int tokens() {
        return spare != null && spare.isThere() ? asked : 0;
    }

    @Override
    public void close() {
        if (spare != null) {
            spare.close();
        }
    }
}
