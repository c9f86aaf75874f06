package org.pagedattention.jobs.table;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * Keeps two runs from working on one table at once: a file in it that its run renews while it lives. A run that finds one
 * watches it. When it changes, its run lives; when it stays as it is, its run was killed, and the watcher takes over. So
 * no clocks are compared, and nobody has to delete anything, wherever the next driver runs.
 */
public final class RunLock implements AutoCloseable {
    private static final String FILE = "_running";
    private static final int LONGEST = 1 << 10;
    private static final String UNREADABLE = "not readable";

    /**
     * How fast runs are.
     *
     * @param renewal from one renewal to the next
     * @param patience after how long without renewal a run is taken for dead; much more, for pauses of the driver or of
     *     the file system
     */
    public record Pace(Duration renewal, Duration patience) {
        public static final Pace USUAL = new Pace(Duration.ofSeconds(5), Duration.ofSeconds(60));

        /** Milliseconds from one look at another run's file to the next. */
        private long look() {
            return Math.min(1000, patience.toMillis() / 10);
        }
    }

    private final Path file;
    private final Configuration hadoop;
    private final String owner =
            "run of " + host() + " since " + Instant.now().truncatedTo(ChronoUnit.SECONDS) + ", " + UUID.randomUUID();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(RunLock::daemon);
    private long renewals;

    private RunLock(Path table, Configuration hadoop) {
        file = new Path(table, FILE);
        this.hadoop = hadoop;
    }

    /**
     * Takes the lock of {@code table}, once the run that has it is seen to be dead.
     *
     * @param err where a wait is told
     * @throws JobFailedException when that run lives
     */
    public static RunLock take(Path table, Pace pace, Configuration hadoop, PrintWriter err) {
        RunLock lock = new RunLock(table, hadoop);
        if (!lock.write(false)) {
            lock.awaitEnd(pace, err);
            if (!lock.write(false)) {
                throw lock.inUse("another run that waited for it");
            }
            // one that waited as well may just be deleting what it takes for the dead run's
            sleep(pace.look());
            lock.requireHeld();
        }
        long millis = pace.renewal().toMillis();
        var unused = lock.clock.scheduleWithFixedDelay(lock::renew, millis, millis, TimeUnit.MILLISECONDS);
        return lock;
    }

    /**
     * Waits for what a killed run left in {@code table} to prove dead; returns at once where no run left anything.
     *
     * @throws JobFailedException when that run lives
     */
    public static void requireNone(Path table, Pace pace, Configuration hadoop, PrintWriter err) {
        if (HadoopFiles.exists(new Path(table, FILE), hadoop)) {
            take(table, pace, hadoop, err).close();
        }
    }

    /**
     * Says that this run may go on.
     *
     * @throws JobFailedException when another one took over
     */
    public synchronized void requireHeld() {
        if (!mine()) {
            throw new JobFailedException(
                    "another run took over, or deleted " + file + ", which this one did not renew in"
                            + " time: when it has ended, run the same command again, if anything is left to do");
        }
    }

    /** Returns when the run that has the lock ended, or is dead and its file is gone. */
    private void awaitEnd(Pace pace, PrintWriter err) {
        String before = read();
        if (before == null) {
            return;
        }
        err.printf(
                "%s is there (%s): waiting up to %d s to see whether that run lives%n",
                file, before, pace.patience().toSeconds());
        long start = System.nanoTime();
        while (System.nanoTime() - start < pace.patience().toNanos()) {
            sleep(pace.look());
            String now = read();
            if (now == null) {
                return;
            }
            if (!now.equals(before)) {
                throw inUse(before.equals(UNREADABLE) ? now : before);
            }
        }
        // not where the run ended: what is there by now would be another one's
        HadoopFiles.delete(file, hadoop);
    }

    private JobFailedException inUse(String other) {
        return new JobFailedException(
                "another run works on " + file.getParent() + " (" + other
                        + "), and two would destroy each other's units: let it end, or end it, then run the same command again");
    }

    private synchronized void renew() {
        try {
            if (!clock.isShutdown() && mine()) {
                write(true);
            }
        } catch (UncheckedIOException e) {
            // the next renewal may succeed; when none does for long enough, requireHeld says so
        }
    }

    private boolean mine() {
        String text = HadoopFiles.read(file, LONGEST, hadoop);
        return text != null && text.startsWith(owner);
    }

    private boolean write(boolean again) {
        return HadoopFiles.create(file, owner + ", renewed " + renewals++ + " times", again, hadoop);
    }

    /** What the file of another run says; null when it is gone. */
    private @Nullable String read() {
        // it is just being written, or its run was killed meanwhile; then it stays so
        try {
            String text = HadoopFiles.read(file, LONGEST, hadoop);
            return "".equals(text) ? UNREADABLE : text;
        } catch (UncheckedIOException e) {
            return UNREADABLE;
        }
    }

    @Override
    public synchronized void close() {
        clock.shutdown();
        try {
            if (mine()) {
                HadoopFiles.delete(file, hadoop);
            }
        } catch (UncheckedIOException e) {
            // nothing is wrong with the table; the next run waits a little
        }
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for another run", e);
        }
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "an unknown host";
        }
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "run lock");
        thread.setDaemon(true);
        return thread;
    }
}
