package org.pagedattention.jobs.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks nvidia-smi, in the background, how busy a GPU is. */
final class GpuSampler implements AutoCloseable {
    private static final int EVERY_MILLIS = 20;

    private final @Nullable Process process;
    private final List<Sample> samples = new ArrayList<>();

    /**
     * @param nanos when, as {@link System#nanoTime} counts
     * @param busyPercent of a short time before, in which a kernel ran
     */
    record Sample(long nanos, int busyPercent) {}

    /** A stretch of time, as {@link System#nanoTime} counts. */
    record Span(long from, long to) {}

    private GpuSampler(@Nullable Process process) {
        this.process = process;
        if (process != null) {
            Thread reader = new Thread(() -> read(process), "gpu-sampler");
            reader.setDaemon(true);
            reader.start();
        }
    }

    /** Begins to ask about the GPU at {@code index}; where there is no nvidia-smi, nothing is known. */
    static GpuSampler start(int index) {
        try {
            return new GpuSampler(new ProcessBuilder(
                            "nvidia-smi",
                            "--id=" + index,
                            "--query-gpu=utilization.gpu",
                            "--format=csv,noheader,nounits",
                            "--loop-ms=" + EVERY_MILLIS)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start());
        } catch (IOException e) {
            return new GpuSampler(null);
        }
    }

    private void read(Process process) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                add(line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized void add(String line) {
        if (line.strip().matches("[0-9]{1,3}")) {
            samples.add(new Sample(System.nanoTime(), Integer.parseInt(line.strip())));
        }
    }

    /** The share of {@code spans} in which no kernel ran; NaN where nothing is known. */
    synchronized double idleShare(List<Span> spans) {
        return idleShare(samples, spans);
    }

    static double idleShare(List<Sample> samples, List<Span> spans) {
        return samples.stream()
                .filter(sample ->
                        spans.stream().anyMatch(span -> span.from() <= sample.nanos() && sample.nanos() <= span.to()))
                .mapToDouble(sample -> 1 - sample.busyPercent() / 100.0)
                .average()
                .orElse(Double.NaN);
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroy();
        }
    }
}
