package org.pagedattention.cudnn.models;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pagedattention.cudnn.device.InFlight;
import org.pagedattention.cudnn.device.Lane;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.cudnn.graph.ExecutionPlan;
import org.pagedattention.cudnn.graph.GraphKey;
import org.pagedattention.cudnn.graph.TensorId;
import org.pagedattention.gpu.Attempt;
import org.pagedattention.gpu.GpuStream;
import org.pagedattention.gpu.GpuStream.Direction;
import org.pagedattention.gpu.MemoryBlock;

/** A recipe under way on a lane, up to its result in pinned memory. */
final class PassRun implements AutoCloseable {
    private final SharedDevice device;
    private final Recipe recipe;
    private final DeviceTensor result;
    private final Lane lane;
    private final InFlight work;
    private final MemoryBlock host;
    private final long resultAt;
    private final Map<Recipe.Tables, Attention.Placed> placed = new HashMap<>();
    /** Null where nobody asks how long steps take. */
    private final @Nullable StepClock clock;

    private boolean open = true;

    private PassRun(Recipe recipe, DeviceTensor result, boolean timed, InFlight work, MemoryBlock host) {
        this.recipe = recipe;
        this.result = result;
        this.work = work;
        this.host = host;
        device = recipe.device();
        lane = recipe.lane();
        resultAt = recipe.hostBytes();
        clock = timed ? new StepClock(lane.stream()) : null;
    }

    /**
     * Takes memory and a place on the device, waits for older work where there is none, and enqueues everything.
     *
     * @param timed whether {@link #millis} will be asked for
     * @throws org.pagedattention.device.DeviceMemoryException when there is too little memory even so
     */
    static PassRun start(Recipe recipe, DeviceTensor result, boolean timed) {
        SharedDevice device = recipe.device();
        long resultBytes = result.shape().elements() * result.type().bytes();
        MemoryBlock host = device.pinned().acquire(Math.max(1, recipe.hostBytes() + resultBytes));
        InFlight work;
        try {
            work = begin(recipe);
        } catch (RuntimeException | Error e) {
            host.close();
            throw e;
        }
        PassRun run = new PassRun(recipe, result, timed, work, host);
        Attempt.orUndo(run::enqueue, run::close);
        return run;
    }

    /** Holds on to what it goes on behind, before its own memory takes the place of that. */
    private static InFlight begin(Recipe recipe) {
        CudnnKept past = recipe.past();
        if (past == null) {
            return recipe.device().begin(recipe.graphs(), recipe.bytes());
        }
        if (!past.use()) {
            throw past.gone();
        }
        try {
            InFlight work = recipe.device().begin(recipe.graphs(), recipe.bytes());
            work.whenLanded(past::release);
            return work;
        } catch (RuntimeException | Error e) {
            past.release();
            throw e;
        }
    }

    private void enqueue() {
        CudnnKept kept = recipe.kept();
        if (kept != null && kept.takeMemory(lane)) {
            work.whenLanded(kept::release);
        }
        synchronized (lane) {
            work.launch(lane.stream(), this::enqueueAll);
        }
    }

    private void enqueueAll() {
        for (Recipe.Tables tables : recipe.allTables()) {
            long deviceAt = base() + recipe.tablesAt() + tables.deviceAt();
            Attention.Placed there = tables.planned().place(host, tables.hostAt(), deviceAt);
            there.send(lane.stream());
            placed.put(tables, there);
        }
        if (clock != null) {
            clock.begin();
        }
        enqueueSteps();
        long rowBytes = (long) result.columns() * result.type().bytes();
        lane.stream()
                .copyRows(
                        Direction.TO_HOST,
                        host.address() + resultAt,
                        rowBytes,
                        address(result),
                        result.rowBytes(),
                        rowBytes,
                        result.rows());
    }

    private void enqueueSteps() {
        for (Step step : recipe.steps()) {
            step.enqueue(this);
            if (clock != null) {
                clock.after(step.kind());
            }
        }
    }

    DeviceTensor result() {
        return result;
    }

    GpuStream stream() {
        return lane.stream();
    }

    /** Where the tensors begin. */
    long base() {
        return work.memory().address();
    }

    long address(DeviceTensor tensor) {
        return tensor.address(base());
    }

    void launch(GraphKey key, Map<TensorId, Long> addresses) {
        ExecutionPlan plan = work.plan(key);
        long workspace = base() + recipe.workspaceAt();
        try (ExecutionPlan.Arguments arguments = plan.bind(lane.scratch(), addresses, workspace)) {
            arguments.launch(lane.handle());
        }
    }

    void attend(Recipe.Tables tables, Attention.Operands at) {
        Attention.Placed there = placed.get(tables);
        if (there == null) {
            throw new IllegalStateException("tables of an attention were not sent");
        }
        there.attend(lane, work, at);
    }

    /** Whether the device is done with it. */
    boolean isDone() {
        return work.isDone();
    }

    /** Waits for the result, and says what the time of each kind of step was. */
    Map<String, Double> millis() {
        device.worked(work.await());
        return clock == null ? Map.of() : clock.millis();
    }

    /** Waits for the result and reads it in fp32, row after row. */
    float[] await() {
        device.worked(work.await());
        int elements = Math.toIntExact(result.shape().elements());
        float[] values = new float[elements];
        ByteBuffer bytes = host.buffer();
        result.type().read(bytes, Math.toIntExact(resultAt), values, elements);
        return values;
    }

    /** Waits until the device no longer touches its memory, and gives all of it back. */
    @Override
    public void close() {
        if (open) {
            open = false;
            try (host;
                    clock) {
                work.close();
            }
        }
    }
}
