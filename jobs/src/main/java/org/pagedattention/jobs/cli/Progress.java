package org.pagedattention.jobs.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.collection.Iterable;
import scala.jdk.javaapi.CollectionConverters;

/**
 * A {@link ProgressLine} on long work, now and then. Running tasks report through their executor's heartbeat, so the
 * line moves even while the first task runs.
 */
public final class Progress extends SparkListener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Progress.class);

    /** For work whose number of sequences only a scan would tell. */
    public static final long UNKNOWN = 0;

    private static final long NOBODY = -1;

    private static final Duration TERMINAL_INTERVAL = Duration.ofSeconds(2);
    /** A log keeps every line. */
    private static final Duration LOG_INTERVAL = Duration.ofSeconds(5);

    private final SparkSession spark;
    private final String job;
    private final String rows;
    private final long counterId;
    /** Of tokens; none where nobody counts them. */
    private final long tokensId;

    /** Rows there will be, once somebody has found out. */
    private volatile long total;

    private final PrintWriter err;
    private final boolean terminal;
    private final long start = System.nanoTime();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(Progress::daemon);
    private final Map<Long, Counted> running = new HashMap<>();
    private Counted finished = new Counted(0, 0);
    private long finishedTasks;
    private long tasks;
    private int width;

    /** What tasks did. */
    private record Counted(long rows, long tokens) {
        Counted plus(Counted other) {
            return new Counted(rows + other.rows, tokens + other.tokens);
        }

        /** Heartbeats may overtake each other. */
        Counted orMore(Counted other) {
            return new Counted(Math.max(rows, other.rows), Math.max(tokens, other.tokens));
        }
    }

    private Progress(
            SparkSession spark, String job, String rows, long counterId, long tokensId, long total, Console console) {
        this.spark = spark;
        this.job = job;
        this.rows = rows;
        this.counterId = counterId;
        this.tokensId = tokensId;
        this.total = total;
        err = console.err();
        terminal = stderrIsTerminal();
    }

    /**
     * Shows progress until closed.
     *
     * @param sequences counts those done
     * @param total sequences there will be, or {@link #UNKNOWN}
     */
    public static Progress show(
            SparkSession spark, String job, LongAccumulator sequences, long total, Console console) {
        return begin(new Progress(spark, job, "sequences", sequences.id(), NOBODY, total, console));
    }

    /**
     * Shows progress in rows and tokens until closed.
     *
     * @param rows what rows are called
     * @param done counts the rows done
     * @param tokens counts their tokens
     */
    public static Progress show(
            SparkSession spark,
            String job,
            String rows,
            LongAccumulator done,
            LongAccumulator tokens,
            Console console) {
        return begin(new Progress(spark, job, rows, done.id(), tokens.id(), UNKNOWN, console));
    }

    /**
     * Finds out how many rows there will be, beside the work: footers of many files take a while.
     *
     * @param rows empty when nobody knows
     */
    public void expect(Supplier<OptionalLong> rows) {
        Thread asking = daemon(() -> total = rows.get().orElse(UNKNOWN));
        asking.setUncaughtExceptionHandler((thread, e) -> LOG.debug("progress has no total", e));
        asking.start();
    }

    private static Progress begin(Progress progress) {
        progress.spark.sparkContext().addSparkListener(progress);
        long interval = (progress.terminal ? TERMINAL_INTERVAL : LOG_INTERVAL).toMillis();
        var unused = progress.clock.scheduleAtFixedRate(
                progress::print, TERMINAL_INTERVAL.toMillis(), interval, TimeUnit.MILLISECONDS);
        return progress;
    }

    /** A job also lists stages that it will skip, as their results are there; those are not submitted. */
    @Override
    public synchronized void onStageSubmitted(SparkListenerStageSubmitted event) {
        tasks += event.stageInfo().numTasks();
    }

    @Override
    public synchronized void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate event) {
        CollectionConverters.asJava(event.accumUpdates()).forEach(update -> {
            long task = (long) update._1();
            running.merge(task, counted(update._4()), Counted::orMore);
        });
    }

    @Override
    public synchronized void onTaskEnd(SparkListenerTaskEnd event) {
        running.remove(event.taskInfo().taskId());
        if (event.taskInfo().successful()) {
            finishedTasks++;
            finished = finished.plus(counted(event.taskInfo().accumulables()));
        }
    }

    private Counted counted(Iterable<AccumulableInfo> updates) {
        Counted counted = new Counted(0, 0);
        for (AccumulableInfo info : CollectionConverters.asJava(updates)) {
            if (info.update().isDefined() && info.id() == counterId) {
                counted = counted.plus(new Counted(((Number) info.update().get()).longValue(), 0));
            } else if (info.update().isDefined() && info.id() == tokensId) {
                counted = counted.plus(new Counted(0, ((Number) info.update().get()).longValue()));
            }
        }
        return counted;
    }

    synchronized String line() {
        Counted done = running.values().stream().reduce(finished, Counted::plus);
        double seconds = (System.nanoTime() - start) / 1e9;
        return job + ": " + new ProgressLine(rows, done.rows(), done.tokens(), total, finishedTasks, tasks, seconds);
    }

    private void print() {
        String line = line();
        if (terminal) {
            width = Math.max(width, line.length());
            err.print("\r" + line + " ".repeat(width - line.length()));
            err.flush();
        } else {
            err.println(line);
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
        spark.sparkContext().removeSparkListener(this);
        if (width > 0) {
            err.print("\r" + " ".repeat(width) + "\r");
            err.flush();
        }
    }

    /** System.console() asks about stdin and stdout; where /proc does not tell, lines suit a terminal too. */
    private static boolean stderrIsTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException e) {
            return false;
        }
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "progress");
        thread.setDaemon(true);
        return thread;
    }
}
