package org.pagedattention.bench;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.pagedattention.jobs.bench.CpuBenchmark;

/**
 * The command line.
 *
 * @param clock nanoseconds: of the wall, or of the processor
 */
record Options(int threads, double seconds, String only, LongSupplier clock) {
    static final String USAGE = """
            usage: bench-cpu.sh [--threads N] [--seconds N] [--only WORDS] [--clock wall|cpu]
              --threads N   threads for everybody (default: all processors)
              --seconds N   time for the rounds of one shape, three rounds at least (default: 5)
              --only WORDS  only shapes whose name, dtype and mask contain all words, such as "ragged fp32 band=none"
              --clock cpu   processor time of the calling thread, for machines that others use too; takes --threads 1""";

    /**
     * Parses arguments.
     *
     * @throws IllegalArgumentException when they are wrong; the message says how
     */
    static Options parse(String... arguments) {
        Options options = new Options(Runtime.getRuntime().availableProcessors(), 5, "", System::nanoTime);
        for (int i = 0; i < arguments.length; i += 2) {
            if (i + 1 == arguments.length) {
                throw new IllegalArgumentException(arguments[i] + " needs a value");
            }
            options = options.with(arguments[i], arguments[i + 1]);
        }
        return options;
    }

    long nanos() {
        return (long) (seconds * 1e9);
    }

    boolean wants(CpuBenchmark.Shape shape) {
        String text = (shape.name() + " " + shape.spec()).toLowerCase(Locale.ROOT);
        return Arrays.stream(only.split(" ")).allMatch(text::contains);
    }

    private Options with(String option, String value) {
        return switch (option) {
            case "--threads" -> new Options(Integer.parseInt(value), seconds, only, clock);
            case "--seconds" -> new Options(threads, Double.parseDouble(value), only, clock);
            case "--only" -> new Options(threads, seconds, value, clock);
            case "--clock" -> new Options(threads, seconds, only, clock(value));
            default -> throw new IllegalArgumentException("unknown option " + option);
        };
    }

    private static LongSupplier clock(String name) {
        return switch (name) {
            case "wall" -> System::nanoTime;
            case "cpu" -> ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime;
            default -> throw new IllegalArgumentException("unknown clock " + name);
        };
    }
}
