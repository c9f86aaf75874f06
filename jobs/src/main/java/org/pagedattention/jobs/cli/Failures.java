package org.pagedattention.jobs.cli;

import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.AnalysisException;
import org.pagedattention.jobs.table.JobFailedException;
import org.pagedattention.scoring.BadRowException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what went wrong into one message and an exit status. */
public final class Failures {
    public static final int DONE = 0;
    public static final int FAILED = 1;
    public static final int WRONG_USAGE = 2;

    private Failures() {}

    /** For options that picocli refused. */
    public static int reportUsage(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        command.getErr().println("error: " + usageMessage(e));
        UnmatchedArgumentException.printSuggestions(e, command.getErr());
        command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help' for what it takes.");
        return WRONG_USAGE;
    }

    /** Picocli counts arguments, and says Java's types. */
    private static String usageMessage(ParameterException e) {
        CommandLine command = e.getCommandLine();
        String jobs = command.getSubcommands().entrySet().stream()
                .filter(job -> !job.getValue().getCommandSpec().usageMessage().hidden())
                .map(Map.Entry::getKey)
                .collect(Collectors.joining(", "));
        if (e instanceof UnmatchedArgumentException unmatched) {
            String first = unmatched.getUnmatched().get(0);
            if (unmatched.isUnknownOption()) {
                return "unknown option '" + first + "'";
            }
            return jobs.isEmpty()
                    ? "'" + first + "' belongs to no option: a path with spaces or wildcards takes quotes"
                    : "'" + first + "' is none of " + jobs;
        }
        String message = String.valueOf(e.getMessage());
        if (message.startsWith("Missing required subcommand")) {
            return "name one of " + jobs;
        }
        return message.replaceFirst(" is not an int$", " is not a whole number, or too large")
                .replaceFirst(" is not a long$", " is not a whole number")
                .replaceFirst(" is not a (float|double)$", " is not a number");
    }

    /** For everything that came up later. */
    public static int report(Exception e, CommandLine command, boolean stacktrace) {
        command.getErr().println("error: " + Flags.in(message(e), command.getCommandSpec()));
        if (stacktrace) {
            e.printStackTrace(command.getErr());
        }
        return isWrongUsage(e) ? WRONG_USAGE : FAILED;
    }

    /** Wrong use is what our own checks, Spark's analysis and its search for formats refuse before any task runs. */
    private static boolean isWrongUsage(Exception e) {
        return e instanceof IllegalArgumentException
                || e instanceof AnalysisException
                || (e instanceof SparkThrowable thrown && "DATA_SOURCE_NOT_FOUND".equals(thrown.getCondition()));
    }

    /** The one sentence of the cause chain that tells a person most. */
    public static String message(Throwable failure) {
        List<Throwable> chain = Stream.iterate(failure, t -> t != null, Throwable::getCause)
                .limit(50)
                .toList();
        boolean ours = chain.stream().anyMatch(Failures::isOurs);
        Optional<String> fault = ours ? Optional.empty() : FileFaults.explain(chain);
        if (fault.isPresent()) {
            return fault.get();
        }
        Throwable deepest = chain.get(chain.size() - 1);
        Throwable telling = chain.stream()
                .filter(BadRowException.class::isInstance)
                .findFirst()
                .orElse(speaksForItself(failure) ? failure : deepest);
        String text = telling.getMessage();
        if (text == null || text.isBlank()) {
            return telling.getClass().getName();
        }
        // Spark puts stack traces and query plans behind the first line
        String first = text.lines().filter(line -> !line.isBlank()).findFirst().orElse(text);
        return speaksForItself(telling) ? first : telling.getClass().getSimpleName() + ": " + first;
    }

    private static boolean isOurs(Throwable t) {
        return t instanceof BadRowException || t instanceof JobFailedException;
    }

    private static boolean speaksForItself(Throwable t) {
        return t instanceof BadRowException
                || t instanceof JobFailedException
                || t instanceof IllegalArgumentException
                || t instanceof IllegalStateException
                || t instanceof AnalysisException
                || isWorded(t);
    }

    /** Without a message of its own, such an exception has its cause's name and message for one. */
    private static boolean isWorded(Throwable t) {
        return t instanceof UncheckedIOException
                && !String.valueOf(t.getCause()).equals(t.getMessage());
    }
}
