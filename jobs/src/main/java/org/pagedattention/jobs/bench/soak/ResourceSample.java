package org.pagedattention.jobs.bench.soak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What this process holds at one moment.
 *
 * @param heap bytes of heap in use after a collection
 * @param resident bytes of the process in memory
 * @param direct bytes of direct buffers
 * @param descriptors open files, sockets and the like
 * @param threads live threads
 * @param device bytes of this process on all GPUs together; 0 where there is none
 */
record ResourceSample(long heap, long resident, long direct, long descriptors, long threads, long device) {
    private static final Path PROC = Path.of("/proc/self");

    /** Samples now; works where there is a {@code /proc}. */
    static ResourceSample take() {
        // the first collection hands dead objects over to those who clean up after them, Spark's broadcasts among them
        System.gc();
        pause();
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return new ResourceSample(
                runtime.totalMemory() - runtime.freeMemory(),
                residentNow(),
                directNow(),
                descriptorsNow(),
                ManagementFactory.getThreadMXBean().getThreadCount(),
                deviceNow());
    }

    private static void pause() {
        try {
            Thread.sleep(1000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static long directNow() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    private static long residentNow() {
        try (Stream<String> lines = Files.lines(PROC.resolve("status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                            .sum()
                    << 10;
        } catch (IOException e) {
            throw new UncheckedIOException("a soak needs /proc: " + e.getMessage(), e);
        }
    }

    private static long descriptorsNow() {
        try (Stream<Path> open = Files.list(PROC.resolve("fd"))) {
            return open.count();
        } catch (IOException e) {
            throw new UncheckedIOException("a soak needs /proc: " + e.getMessage(), e);
        }
    }

    /** As the driver's own tool says; 0 where it is missing, or knows nothing of this process. */
    private static long deviceNow() {
        List<String> command =
                List.of("nvidia-smi", "--query-compute-apps=pid,used_memory", "--format=csv,noheader,nounits");
        String own = ProcessHandle.current().pid() + ", ";
        try {
            Process tool = new ProcessBuilder(command).redirectErrorStream(true).start();
            String text = new String(tool.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            return text.lines()
                            .map(String::strip)
                            .filter(line -> line.startsWith(own))
                            .map(line -> line.substring(own.length()))
                            .filter(amount -> amount.matches("\\d+"))
                            .mapToLong(Long::parseLong)
                            .sum()
                    << 20;
        } catch (IOException e) {
            return 0;
        }
    }
}
