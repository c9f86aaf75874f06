package org.pagedattention.jobs.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What this machine's file system does without anything else in the way: the bounds of every job on it.
 *
 * @param readGigabytes a second, all files of a folder, as many threads as tasks
 * @param writeGigabytes a second, as many new files as threads, the median of three runs
 */
record RawRates(double readGigabytes, double writeGigabytes) {
    private static final int CHUNK = 8 << 20;

    private static final int RUNS = 3;

    /**
     * Measures both.
     *
     * @param folder whose files are read
     * @param scratch folder for the files that are written; they are deleted
     * @param writeBytes to write in all
     */
    static RawRates measure(Path folder, Path scratch, int threads, long writeBytes) {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Path> files = files(folder);
            double read = rate(pool, files.stream().map(RawRates::reader).toList());
            Files.createDirectories(scratch);
            List<Path> targets = IntStream.range(0, threads)
                    .mapToObj(i -> scratch.resolve("raw-" + i))
                    .toList();
            double[] writes = new double[RUNS];
            for (int run = 0; run < RUNS; run++) {
                writes[run] = rate(
                        pool,
                        targets.stream()
                                .map(file -> writer(file, writeBytes / threads))
                                .toList());
                for (Path target : targets) {
                    Files.deleteIfExists(target);
                }
            }
            Arrays.sort(writes);
            return new RawRates(read, writes[RUNS / 2]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            pool.shutdownNow();
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.toString().endsWith(".parquet")).toList();
        }
    }

    private static double rate(ExecutorService pool, List<Callable<Long>> jobs) {
        long start = System.nanoTime();
        long bytes = 0;
        try {
            for (Future<Long> job : pool.invokeAll(jobs)) {
                bytes += job.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring the file system", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot measure the file system: " + e.getMessage(), e);
        }
        return (double) bytes / (System.nanoTime() - start);
    }

    private static Callable<Long> reader(Path file) {
        return () -> {
            ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK);
            long bytes = 0;
            try (FileChannel channel = FileChannel.open(file)) {
                while (channel.read(buffer.clear()) >= 0) {
                    bytes += buffer.position();
                }
            }
            return bytes;
        };
    }

    private static Callable<Long> writer(Path file, long size) {
        return () -> {
            ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK);
            long bytes = 0;
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                while (bytes < size) {
                    bytes += channel.write(buffer.clear());
                }
            }
            return bytes;
        };
    }
}
