package org.pagedattention.jobs.cli;

import java.util.Locale;

/**
 * How far a job has come, in words.
 *
 * @param rows what rows are called
 * @param done rows so far
 * @param tokens of these; 0 where nobody counts them
 * @param total rows there will be; 0 when nobody knows
 * @param tasksDone of the stages begun so far
 * @param tasks of the stages begun so far
 * @param seconds since the job began
 */
record ProgressLine(String rows, long done, long tokens, long total, long tasksDone, long tasks, double seconds) {

    @Override
    public String toString() {
        return total > 0 ? ofTotal(Math.min(done, total)) : ofTasks();
    }

    /** Other tasks than those known now may follow, so they make no percentage. */
    private String ofTasks() {
        return String.format(
                Locale.ROOT,
                "%,d %s, %,.0f/s%s, %,d of %,d tasks done",
                done,
                rows,
                done / seconds,
                rate(),
                tasksDone,
                tasks);
    }

    private String rate() {
        return tokens == 0 ? "" : String.format(Locale.ROOT, ", %,.0f tokens/s", tokens / seconds);
    }

    /** Two attempts at one task count its sequences twice: {@code counted} is never too large. */
    private String ofTotal(long counted) {
        String text = String.format(
                Locale.ROOT,
                "%,d of %,d %s (%d%%), %,.0f/s%s",
                counted,
                total,
                rows,
                (long) (100.0 * counted / total),
                counted / seconds,
                rate());
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
