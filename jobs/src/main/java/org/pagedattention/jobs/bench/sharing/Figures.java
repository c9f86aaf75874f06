package org.pagedattention.jobs.bench.sharing;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.SparkSession;
import org.pagedattention.executor.ExecutorMetrics;
import org.pagedattention.executor.Figure;

/**
 * What one job cost this process.
 *
 * @param seconds from start to end
 * @param shuffled bytes that tasks wrote for others
 * @param copied bytes that went to the GPU and back; 0 without one
 * @param toDevice those of them that went there
 * @param batches that ran
 * @param kvTokens key tokens in batches
 * @param gpuSeconds that the GPU worked; 0 without one
 * @param heap bytes of the heap at its fullest, garbage included
 */
record Figures(
        double seconds,
        long shuffled,
        long copied,
        long toDevice,
        long batches,
        long kvTokens,
        double gpuSeconds,
        long heap) {

    /** Adds up what tasks shuffle. */
    private static final class Shuffled extends SparkListener {
        private final LongAdder bytes = new LongAdder();

        @Override
        public void onTaskEnd(SparkListenerTaskEnd task) {
            // null of a task that failed
            if (task.taskMetrics() != null) {
                bytes.add(task.taskMetrics().shuffleWriteMetrics().bytesWritten());
            }
        }
    }

    /** Runs a job, which is the only one of this process. */
    static Figures of(SparkSession spark, Runnable job) {
        Shuffled shuffled = new Shuffled();
        spark.sparkContext().addSparkListener(shuffled);
        try {
            System.gc();
            ManagementFactory.getMemoryPoolMXBeans().forEach(MemoryPoolMXBean::resetPeakUsage);
            Map<Figure, Long> before = ExecutorMetrics.snapshot();
            long start = System.nanoTime();
            job.run();
            double seconds = (System.nanoTime() - start) / 1e9;
            Map<Figure, Long> after = ExecutorMetrics.snapshot();
            waitForListeners(spark);
            return new Figures(
                    seconds,
                    shuffled.bytes.sum(),
                    grown(before, after, Figure.BYTES_COPIED),
                    grown(before, after, Figure.BYTES_TO_DEVICE),
                    grown(before, after, Figure.BATCHES),
                    grown(before, after, Figure.KV_TOKENS),
                    grown(before, after, Figure.GPU_NANOS) / 1e9,
                    peakHeap());
        } finally {
            spark.sparkContext().removeSparkListener(shuffled);
        }
    }

    private static void waitForListeners(SparkSession spark) {
        try {
            spark.sparkContext().listenerBus().waitUntilEmpty();
        } catch (TimeoutException e) {
            throw new IllegalStateException("Spark does not say what its tasks shuffled", e);
        }
    }

    private static long grown(Map<Figure, Long> before, Map<Figure, Long> after, Figure figure) {
        return after.getOrDefault(figure, 0L) - before.getOrDefault(figure, 0L);
    }

    private static long peakHeap() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .mapToLong(pool -> pool.getPeakUsage().getUsed())
                .sum();
    }
}
