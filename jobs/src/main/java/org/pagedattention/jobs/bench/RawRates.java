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
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.pagedattention.files.Parallel;

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
        try {
            double read = rate(files(folder), threads, RawRates::read);
            Files.createDirectories(scratch);
            List<Path> targets = IntStream.range(0, threads)
                    .mapToObj(i -> scratch.resolve("raw-" + i))
                    .toList();
            double[] writes = new double[RUNS];
            for (int run = 0; run < RUNS; run++) {
                writes[run] = rate(targets, threads, file -> write(file, writeBytes / threads));
                for (Path target : targets) {
                    Files.deleteIfExists(target);
                }
            }
            Arrays.sort(writes);
            return new RawRates(read, writes[RUNS / 2]);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot measure the file system: " + e.getMessage(), e);
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.toString().endsWith(".parquet")).toList();
        }
    }

    private static double rate(List<Path> files, int threads, Parallel.Action<Path, Long> work) throws IOException {
        long start = System.nanoTime();
        double bytes = Parallel.map(files, threads, work).stream()
                .mapToLong(Long::longValue)
                .sum();
        return bytes / (System.nanoTime() - start);
    }

    private static long read(Path file) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK);
        long bytes = 0;
        try (FileChannel channel = FileChannel.open(file)) {
            while (channel.read(buffer.clear()) >= 0) {
                bytes += buffer.position();
            }
        }
        return bytes;
    }

    private static long write(Path file, long size) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK);
        long bytes = 0;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            while (bytes < size) {
                bytes += channel.write(buffer.clear());
            }
        }
        return bytes;
    }
}
