package org.pagedattention.jobs.bench.embed;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the processors have done so far.
 *
 * @param busy seconds of all processes
 * @param own seconds of this process
 */
record Machine(double busy, double own, long nanos) {
    private static final Path STAT = Path.of("/proc/stat");
    private static final double TICKS = 100;
    /** user, nice, system, irq, softirq. */
    private static final List<Integer> BUSY_FIELDS = List.of(1, 2, 3, 6, 7);

    static Machine now() {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return new Machine(busySeconds(), system.getProcessCpuTime() / 1e9, System.nanoTime());
    }

    private static double busySeconds() {
        if (!Files.exists(STAT)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(STAT)) {
            String[] fields = lines.findFirst().orElseThrow().split(" +", -1);
            double ticks = 0;
            for (int field : BUSY_FIELDS) {
                ticks += Double.parseDouble(fields[field]);
            }
            return ticks / TICKS;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    double seconds(Machine end) {
        return (end.nanos - nanos) / 1e9;
    }

    /** Processors that others kept busy until {@code end}, on average. */
    double others(Machine end) {
        return Math.max(0, end.busy - busy - (end.own - own)) / seconds(end);
    }
}
