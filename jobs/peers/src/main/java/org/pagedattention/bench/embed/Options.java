package org.pagedattention.bench.embed;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The command line.
 *
 * @param passTokens most tokens of one of our passes, to be tried one after the other
 * @param tokens of a run, about
 * @param runs that are enough, of those during which nobody else used the machine
 * @param seconds for one way of one length
 */
record Options(
        Path model,
        int threads,
        List<Integer> means,
        List<Integer> passTokens,
        boolean peers,
        int tokens,
        int runs,
        double seconds,
        double warmUpSeconds) {
    static final String USAGE = """
            usage: bench-embed.sh [--threads N] [--means N,N] [--pass-tokens N,N] [--peers true|false] [--tokens N]
                [--runs N] [--seconds S] [--warm-up S]
              --threads N       threads for everybody (default: all processors)
              --means N,N       mean lengths of texts in tokens (default: 16,100,256)
              --pass-tokens N   most tokens of one of our passes; several are tried in turns (default: 1024)
              --peers false     ours alone
              --tokens N        tokens of a run (default: 16000)
              --runs N          runs that are enough, while nobody else uses the machine (default: 3)
              --seconds S       most seconds for one way of one length, but for the last run (default: 15)
              --warm-up S       seconds for ours before each length (default: 8)""";

    private static final Map<String, String> DEFAULTS = Map.of(
            "--model", "models/all-MiniLM-L6-v2",
            "--threads", Integer.toString(Runtime.getRuntime().availableProcessors()),
            "--means", "16,100,256",
            "--pass-tokens", "1024",
            "--peers", "true",
            "--tokens", "16000",
            "--runs", "3",
            "--seconds", "15",
            "--warm-up", "8");

    /**
     * Parses arguments.
     *
     * @throws IllegalArgumentException when they are wrong; the message says how
     */
    static Options parse(String... arguments) {
        Map<String, String> given = new HashMap<>(DEFAULTS);
        for (int i = 0; i < arguments.length; i += 2) {
            if (!DEFAULTS.containsKey(arguments[i])) {
                throw new IllegalArgumentException("unknown option " + arguments[i]);
            }
            if (i + 1 == arguments.length) {
                throw new IllegalArgumentException(arguments[i] + " needs a value");
            }
            given.put(arguments[i], arguments[i + 1]);
        }
        return new Options(
                Path.of(value(given, "--model")),
                Integer.parseInt(value(given, "--threads")),
                numbers(value(given, "--means")),
                numbers(value(given, "--pass-tokens")),
                Boolean.parseBoolean(value(given, "--peers")),
                Integer.parseInt(value(given, "--tokens")),
                Integer.parseInt(value(given, "--runs")),
                Double.parseDouble(value(given, "--seconds")),
                Double.parseDouble(value(given, "--warm-up")));
    }

    private static String value(Map<String, String> given, String option) {
        return Objects.requireNonNull(given.get(option), option);
    }

    private static List<Integer> numbers(String list) {
        return Stream.of(list.split(",")).map(Integer::valueOf).toList();
    }
}
