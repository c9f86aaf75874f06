package org.pagedattention.scoring;

import java.util.EnumMap;
import java.util.Map;

/** Tells how long a task was in each {@link Phase}. Used by the task's thread only. */
final class PhaseClock {
    private final Map<Phase, Long> nanos = new EnumMap<>(Phase.class);
    private Phase phase = Phase.READ;
    private long since = System.nanoTime();

    /** Ends the current phase and begins another; returns the one that ended. */
    Phase enter(Phase next) {
        long now = System.nanoTime();
        nanos.merge(phase, now - since, Long::sum);
        since = now;
        Phase ended = phase;
        phase = next;
        return ended;
    }

    /** Time in a phase, up to the latest change of phase, in nanoseconds. */
    long nanos(Phase asked) {
        return nanos.getOrDefault(asked, 0L);
    }
}
