package org.pagedattention.executor;

import java.io.Serializable;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How work went, for people who look at it later: lengths of rows, pace, time by stage, and who did how much. Bounded
 * however much there was. For one thread at a time; those of several tasks can be added up.
 */
public final class WorkProfile implements Serializable {
    private static final long serialVersionUID = 1;

    /** Executors beyond them share one entry. */
    private static final int MOST_PLACES = 256;

    private static final String OTHERS = "others";

    private final Histogram lengths = new Histogram();
    private final Histogram taskMillis = new Histogram();
    private final Pace pace = new Pace();
    private final StageTimes times = new StageTimes();
    private final TreeMap<String, Share> places = new TreeMap<>();

    /**
     * What one executor did.
     *
     * @param tasks that ended there
     * @param rows that it did
     * @param tokens of these
     * @param millis that its tasks took, added up
     */
    public record Share(long tasks, long rows, long tokens, long millis) implements Serializable {
        Share plus(Share other) {
            return new Share(tasks + other.tasks, rows + other.rows, tokens + other.tokens, millis + other.millis);
        }
    }

    /**
     * Counts some work.
     *
     * @param from when it began, or that before it ended, in milliseconds since 1970
     * @param to when it ended
     */
    public void add(Tally work, long from, long to) {
        lengths.add(work.lengths());
        long tokens = work.get(Figure.QUERY_TOKENS);
        if (tokens > 0) {
            pace.add(from, to, (double) tokens);
        }
    }

    /**
     * Counts a task that ended.
     *
     * @param place the executor that it ran on
     * @param spent where its threads' time went
     * @param millis that it took
     */
    public void endTask(String place, StageTimes spent, long rows, long tokens, long millis) {
        taskMillis.add(millis);
        times.add(spent);
        add(place, new Share(1, rows, tokens, millis));
    }

    public void add(WorkProfile other) {
        lengths.add(other.lengths);
        taskMillis.add(other.taskMillis);
        pace.add(other.pace);
        times.add(other.times);
        other.places.forEach(this::add);
    }

    private void add(String place, Share share) {
        boolean known = places.containsKey(place) || places.size() < MOST_PLACES;
        places.merge(known ? place : OTHERS, share, Share::plus);
    }

    /** Tokens of a row, of each row that was done. */
    public Histogram lengths() {
        return lengths;
    }

    /** Milliseconds of a task, of each task. */
    public Histogram taskMillis() {
        return taskMillis;
    }

    /** Query tokens over time. */
    public Pace pace() {
        return pace;
    }

    /** Where the time of all tasks' threads went. */
    public StageTimes times() {
        return times;
    }

    /** Who did how much. */
    public SortedMap<String, Share> places() {
        return Collections.unmodifiableSortedMap(places);
    }

    /** Whether no task ended. */
    public boolean isEmpty() {
        return taskMillis.count() == 0;
    }
}
