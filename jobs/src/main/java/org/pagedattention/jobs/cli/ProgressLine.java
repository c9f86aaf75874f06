package org.pagedattention.jobs.cli;

import java.util.Locale;

/**
 * How far a job has come, in words.
 *
 * @param done sequences so far
 * @param total sequences there will be; 0 when nobody knows
 * @param tasksDone of the stages begun so far
 * @param tasks of the stages begun so far
 * @param seconds since the job began
 */
record ProgressLine(long done, long total, long tasksDone, long tasks, double seconds) {

    @Override
    public String toString() {
        return total > 0 ? ofTotal(Math.min(done, total)) : ofTasks();
    }

    /** Other tasks than those known now may follow, so they make no percentage. */
    private String ofTasks() {
        return String.format(
                Locale.ROOT, "%,d sequences, %,.0f/s, %,d of %,d tasks done", done, done / seconds, tasksDone, tasks);
    }

    /** Two attempts at one task count its sequences twice: {@code counted} is never too large. */
    private String ofTotal(long counted) {
        String text = String.format(
                Locale.ROOT,
                "%,d of %,d sequences (%d%%), %,.0f/s",
                counted,
                total,
                (long) (100.0 * counted / total),
                counted / seconds);
        return counted == 0 || counted == total
                ? text
                : text + ", about " + time(seconds * (total - counted) / counted) + " left";
    }

    /** Rounded as coarsely as an estimate deserves. */
    private static String time(double seconds) {
        if (seconds < 90) {
            return Math.max(1, Math.round(seconds)) + " s";
        }
        double minutes = seconds / 60;
        return minutes < 90 ? Math.round(minutes) + " min" : String.format(Locale.ROOT, "%.1f h", minutes / 60);
    }
}
