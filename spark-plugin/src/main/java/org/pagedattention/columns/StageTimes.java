package org.pagedattention.columns;

import java.io.Serializable;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;

/** Where the time of a task's threads goes. Each thread has its own, to be added up. */
public final class StageTimes implements Serializable {
    private static final long serialVersionUID = 1;

    /** What a task does. */
    public enum Stage {
        /** Waits for its turn on the GPU. */
        WAIT,
        /** Reads the input's bytes into host memory. */
        FETCH,
        /** Copies them to the GPU and decodes them. */
        DECODE,
        /** Turns offsets into lengths and page tables. */
        INDEX,
        /** Attention, and the check that its result is finite. */
        ATTENTION,
        /** Makes pooled vectors and scores. */
        POOL,
        /** Encodes the output and copies it to the host. */
        ENCODE,
        /** Writes the output's bytes. */
        WRITE
    }

    private final EnumMap<Stage, Long> nanos = new EnumMap<>(Stage.class);

    public <T> T time(Stage stage, Supplier<T> work) {
        long start = System.nanoTime();
        try {
            return work.get();
        } finally {
            nanos.merge(stage, System.nanoTime() - start, Long::sum);
        }
    }

    public void run(Stage stage, Runnable work) {
        time(stage, () -> {
            work.run();
            return stage;
        });
    }

    public void add(StageTimes other) {
        other.nanos.forEach((stage, time) -> nanos.merge(stage, time, Long::sum));
    }

    public Map<Stage, Long> nanos() {
        return Map.copyOf(nanos);
    }
}
