package org.pagedattention.executor;

import java.io.Serializable;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How much was done when, in bounded memory: where there would be too many steps of time, two become one. Those of several
 * threads and machines can be added up, as far as their clocks agree. For one thread at a time.
 */
public final class Pace implements Serializable {
    private static final long serialVersionUID = 1;

    private static final int MOST_STEPS = 512;
    private static final long SHORTEST_STEP = 125;

    private long step = SHORTEST_STEP;
    /** What was done in a step, by the step's number since 1970. */
    private TreeMap<Long, Double> done = new TreeMap<>();

    /**
     * Counts work, spread evenly over the time that it took.
     *
     * @param from milliseconds since 1970
     * @param to the same
     */
    public void add(long from, long to, double work) {
        long first = Math.min(from, to);
        while (to / step - first / step >= MOST_STEPS) {
            coarsen();
        }
        double length = Math.max(1, to - first);
        for (long at = first / step; at <= to / step; at++) {
            long begin = Math.max(first, at * step);
            long end = Math.min(first + (long) length, (at + 1) * step);
            if (end > begin) {
                done.merge(at, work * (end - begin) / length, Double::sum);
            }
        }
        keepBounded();
    }

    public void add(Pace other) {
        while (step < other.step) {
            coarsen();
        }
        other.done.forEach((at, work) -> done.merge(at * other.step / step, work, Double::sum));
        keepBounded();
    }

    private void keepBounded() {
        while (!done.isEmpty() && done.lastKey() - done.firstKey() >= MOST_STEPS) {
            coarsen();
        }
    }

    private void coarsen() {
        TreeMap<Long, Double> halved = new TreeMap<>();
        done.forEach((at, work) -> halved.merge(at / 2, work, Double::sum));
        done = halved;
        step *= 2;
    }

    /** Milliseconds of a step. */
    public long step() {
        return step;
    }

    /** What was done in each step that something was done in, by its beginning in milliseconds since 1970. */
    public SortedMap<Long, Double> done() {
        TreeMap<Long, Double> byTime = new TreeMap<>();
        done.forEach((at, work) -> byTime.put(at * step, work));
        return Collections.unmodifiableSortedMap(byTime);
    }
}
