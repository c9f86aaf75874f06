package org.pagedattention.cudnn.device;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.cudnn.graph.ExecutionPlan;
import org.pagedattention.cudnn.graph.GraphKey;
import org.pagedattention.cudnn.graph.PlanLeases;
import org.pagedattention.gpu.Attempt;
import org.pagedattention.gpu.GpuEvent;
import org.pagedattention.gpu.GpuOutOfMemoryException;
import org.pagedattention.gpu.GpuStream;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.gpu.MemoryPool;

/**
 * A batch's part of the device: its place among the batches there, its plans, its memory, and the events that say when it
 * is done. Whoever needs place or memory may land it once it is started; its results are in host memory then.
 */
public final class InFlight implements Flights.Flight, AutoCloseable {
    private final Flights flights;
    private final PlanLeases plans;
    private final MemoryBlock memory;
    private final GpuEvent started;
    private final GpuEvent finished;
    private final List<Runnable> behind = new ArrayList<>();
    private boolean launched;
    private boolean landed;
    private long nanos;
    private @Nullable RuntimeException failure;

    private InFlight(Flights flights, PlanLeases plans, MemoryBlock memory, GpuEvent started, GpuEvent finished) {
        this.flights = flights;
        this.plans = plans;
        this.memory = memory;
        this.started = started;
        this.finished = finished;
    }

    /**
     * Takes a place and {@code bytes} of device memory; waits for older batches where there is none, and then has spare
     * memory given up.
     *
     * @param plans closed when the batch is done; still the caller's when this fails
     * @throws GpuOutOfMemoryException when there is not enough even with all of them landed
     */
    static InFlight begin(Flights flights, MemoryPool pool, long bytes, PlanLeases plans, SpareMemory spare) {
        flights.admit();
        MemoryBlock memory = null;
        GpuEvent started = null;
        try {
            memory = spare.take(() -> acquire(flights, pool, bytes));
            started = GpuEvent.forTiming();
            return new InFlight(flights, plans, memory, started, GpuEvent.forWaiting());
        } catch (RuntimeException e) {
            if (started != null) {
                started.close();
            }
            if (memory != null) {
                memory.close();
            }
            flights.cancelled();
            throw e;
        }
    }

    private static MemoryBlock acquire(Flights flights, MemoryPool pool, long bytes) {
        while (true) {
            try {
                return pool.acquire(bytes);
            } catch (GpuOutOfMemoryException e) {
                if (!flights.landOldest()) {
                    throw e;
                }
            }
        }
    }

    /** The plan of {@code key}, one of those that it began with. */
    public ExecutionPlan plan(GraphKey key) {
        return plans.plan(key);
    }

    public MemoryBlock memory() {
        return memory;
    }

    /** Has something done once the device no longer works on the batch; to be asked for before it is launched. */
    public synchronized void whenLanded(Runnable work) {
        behind.add(work);
    }

    /** Puts the batch's work on {@code stream}; when it is done, results are in host memory. */
    public void launch(GpuStream stream, Runnable enqueue) {
        // also where it fails in the middle: what was enqueued before that uses the memory
        Attempt.andThen(
                () -> {
                    started.record(stream);
                    enqueue.run();
                },
                () -> ends(stream));
    }

    private synchronized void ends(GpuStream stream) {
        finished.record(stream);
        launched = true;
        flights.started(this);
    }

    /**
     * Waits for the GPU and returns how long the batch took there, in nanoseconds.
     *
     * @throws org.pagedattention.gpu.GpuException when the batch failed there
     */
    public synchronized long await() {
        land();
        return nanos;
    }

    /** Whether {@link #await} need not wait: the GPU did the work, or failed to. */
    public synchronized boolean isDone() {
        return landed || failure != null || (launched && finished.isReached());
    }

    @Override
    public synchronized void land() {
        if (failure != null) {
            throw failure;
        }
        if (!landed) {
            landed = true;
            try (memory;
                    started;
                    finished) {
                if (launched) {
                    finished.synchronize();
                    nanos = (long) (1e6 * finished.millisSince(started));
                }
            } catch (RuntimeException e) {
                // whoever noticed, the owner must know
                failure = e;
                throw e;
            } finally {
                behind.forEach(Runnable::run);
                flights.landed(this);
                plans.close();
            }
        }
    }

    /** Gives everything back, after waiting for the GPU. */
    @Override
    public synchronized void close() {
        if (!landed) {
            land();
        }
    }
}
