package org.pagedattention.executor;

import java.io.Serializable;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Where the time of a thread goes: in one stage at a time, or in none. Those of several threads can be added up. */
public final class StageTimes implements Serializable {
    private static final long serialVersionUID = 1;

    private final EnumMap<Stage, Long> nanos = new EnumMap<>(Stage.class);
    private transient @Nullable Stage stage;
    private transient long since;

    /** Ends the current stage and begins another; returns the one that ended. Null is none. */
    public @Nullable Stage enter(@Nullable Stage next) {
        long now = System.nanoTime();
        Stage ended = stage;
        if (ended != null) {
            nanos.merge(ended, now - since, Long::sum);
        }
        since = now;
        stage = next;
        return ended;
    }

    /** Does {@code work} in a stage, and goes on with the one before. */
    public <T> T time(Stage during, Supplier<T> work) {
        Stage before = enter(during);
        try {
            return work.get();
        } finally {
            enter(before);
        }
    }

    /** Does {@code work} in a stage, and goes on with the one before. */
    public void run(Stage during, Runnable work) {
        time(during, () -> {
            work.run();
            return during;
        });
    }

    /** Adds the time that another thread has spent. */
    public void add(StageTimes other) {
        other.nanos.forEach((spentIn, time) -> nanos.merge(spentIn, time, Long::sum));
    }

    /** Nanoseconds that were spent in a stage. */
    public long nanos(Stage of) {
        return nanos.getOrDefault(of, 0L);
    }

    /** Nanoseconds of each stage that there was, in their order. */
    public Map<Stage, Long> nanos() {
        return new EnumMap<>(nanos);
    }
}
