package org.pagedattention.jobs.score;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.conf.BackendName;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.direct.DirectScorer;
import org.pagedattention.executor.ExecutorBackends;
import org.pagedattention.jobs.cli.Timeline;
import org.pagedattention.plugin.PagedAttentionPlugin;
import org.pagedattention.plugin.WarmUp;
import org.pagedattention.request.ScoringOptions;

/**
 * Makes ready what scoring needs beside Spark, while Spark starts: native libraries, the backend with its device, and a
 * first plan. What fails here is asked for again by those who need it, and they say why it failed.
 */
final class HeadStart implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(HeadStart.class.getName());

    private final List<Thread> threads = new ArrayList<>();

    private HeadStart() {}

    /**
     * Begins, where this process will be the executor and may have a GPU.
     *
     * @param lse whether the log-sum-exp is wanted
     * @param direct whether columns may go straight to the GPU
     */
    static HeadStart begin(PagedAttentionConf conf, SparkConf spark, AttentionSpec spec, boolean lse, boolean direct) {
        HeadStart start = new HeadStart();
        boolean here = spark.get("spark.master", "local[*]").matches("local(\\[.*)?");
        // a plugin decides about devices when it starts
        boolean plugin = spark.get("spark.plugins", "").contains(PagedAttentionPlugin.class.getName());
        if (here && !plugin && conf.backend() != BackendName.CPU) {
            BackendSettings settings = conf.backendSettings(spark.getInt("spark.task.cpus", 1));
            start.run("device", () -> {
                AttentionBackend backend = Timeline.time(
                        "device and cuDNN",
                        () -> ExecutorBackends.get(conf.backend().toString(), settings));
                Timeline.run("first plan", () -> WarmUp.run(backend, spec, conf, lse));
            });
            if (direct && DirectScorer.cudfIsThere()) {
                start.run("cuDF", () -> {
                    if (BackendName.CUDNN.is(
                            ExecutorBackends.choose(conf.backend().toString(), settings))) {
                        Timeline.run("cuDF's libraries", DirectScorer::loadCudf);
                    }
                });
            }
        }
        return start;
    }

    /** Takes the memory in which the direct path would score {@code table}, while it is planned. */
    void takeMemory(Dataset<Row> table, ScoringOptions options) {
        if (!threads.isEmpty()) {
            run("memory", () -> Timeline.run("memory of GPU and host", () -> DirectScorer.takeMemory(table, options)));
        }
    }

    private void run(String what, Runnable work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (RuntimeException | LinkageError e) {
                        LOG.log(System.Logger.Level.DEBUG, what + " is not ready", e);
                    }
                },
                "paged attention, head start, " + what);
        thread.setDaemon(true);
        thread.start();
        threads.add(thread);
    }

    /** Waits: a process must not end in the middle of a driver's call. */
    @Override
    public void close() {
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
