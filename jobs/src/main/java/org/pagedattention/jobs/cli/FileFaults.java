package org.pagedattention.jobs.cli;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.util.VersionInfo;
import org.jspecify.annotations.Nullable;

/** Says of faults of files, formats and memory what a person can do, where Spark says only what happened. */
final class FileFaults {
    private static final Pattern READING = Pattern.compile("error while reading file (\\S+?)\\.?(?:\\s|$)");
    private static final Pattern WRITING = Pattern.compile("while writing rows to (\\S+?)\\.?(?:\\s|$)");

    /** In order of how much they tell. */
    private static final List<Fault> FAULTS = List.of(
            new Fault(
                    Pattern.compile("Failed to find (?:the )?data source: (\\S+?)\\. "),
                    (found, file) ->
                            "format '" + found.group(1) + "' is not one that this Spark knows: set --input-format or"
                                    + " --output-format to parquet or orc, say, or add what brings the format with --jars or"
                                    + " --packages"),
            new Fault(
                    Pattern.compile("(\\S+) is not a Parquet file"),
                    (found, file) ->
                            found.group(1) + " is not a Parquet file, or it is truncated: restore or remove it, or say"
                                    + " with --input-format (--scored-format for what verify checks) what it is"),
            new Fault(
                    Pattern.compile("File (\\S+) does not exist"),
                    (found, file) ->
                            found.group(1) + " was removed or replaced while the job read it, or was never there: run"
                                    + " the job again when its input stays, or correct the path where an option names it"
                                    + (isAscii(found.group(1))
                                            ? ""
                                            : ". Executors of another locale than the driver's do not"
                                                    + " find it either: give them --conf spark.executorEnv.LC_ALL=C.UTF-8")),
            new Fault(
                    Pattern.compile("Malformed input or input contains unmappable characters: (.*)"),
                    (found, file) -> "the locale of a process cannot say the name " + found.group(1)
                            + ": give it a UTF-8 locale (LC_ALL=C.UTF-8 for the driver, and --conf"
                            + " spark.executorEnv.LC_ALL=C.UTF-8 for executors)"),
            new Fault(
                    Pattern.compile("Class (org\\.apache\\.hadoop\\.fs\\.s3a\\.\\S+) not found"),
                    (found, file) -> "this Spark has no S3A (class " + found.group(1) + "): add --packages"
                            + " org.apache.hadoop:hadoop-aws:" + VersionInfo.getVersion()),
            new Fault(
                    Pattern.compile("No FileSystem for scheme \"?(s3n?)\"?"),
                    (found, file) -> "paths in S3 begin with s3a:// here: write them so, or set spark.hadoop.fs."
                            + found.group(1) + ".impl=org.apache.hadoop.fs.s3a.S3AFileSystem"),
            new Fault(
                    Pattern.compile("Conditional Writes Unavailable"),
                    (found, file) -> "--resume needs S3 to refuse what two runs write at once: set"
                            + " spark.hadoop.fs.s3a.create.conditional.enabled=true, or leave --resume out where the"
                            + " store cannot do that"),
            new Fault(
                    Pattern.compile("(s3\\w?://\\S+?):? .*The specified bucket does not exist"),
                    (found, file) ->
                            found.group(1) + " lies in a bucket that does not exist: create it, or name another"),
            new Fault(
                    Pattern.compile("(s3\\w?://\\S+?):? .*(Status Code: 403|No AWS Credentials)"),
                    (found, file) ->
                            "S3 refuses access to " + found.group(1) + ": set spark.hadoop.fs.s3a.access.key and"
                                    + " .secret.key, or spark.hadoop.fs.s3a.aws.credentials.provider, to who may have it"),
            new Fault(
                    Pattern.compile("(?i)no space left on device"),
                    (found, file) -> "no space is left on the device: free some, then run the job again"),
            new Fault(
                    Pattern.compile("(/[^:]*) \\(Permission denied\\)"),
                    (found, file) -> found.group(1) + " may not be opened by this user: change its permissions, or name"
                            + " another path"),
            new Fault(
                    Pattern.compile("Permission denied.*"),
                    (found, file) ->
                            "not permitted: " + found.group() + "; name a path that this user may read or write"),
            new Fault(
                    Pattern.compile("(Mkdirs failed to create|Parent path is not a directory).*"),
                    (found, file) -> "cannot write there: " + found.group() + "; name a path that this user may write"),
            new Fault(
                    Pattern.compile(
                            "SparkContext (has been|was) shut ?down|LiveListenerBus is stopped|on a stopped SparkContext"),
                    (found, file) ->
                            "Spark was stopped while the job ran: its own lines above say why, unless somebody stopped"
                                    + " the job"),
            new Fault(
                    Pattern.compile("System memory (\\d+) must be at least (\\d+)"),
                    (found, file) ->
                            "the driver's heap of " + mebibytes(found.group(1)) + " MiB is too small for Spark, which"
                                    + " wants " + mebibytes(found.group(2)) + " MiB: raise --driver-memory"),
            new Fault(
                    Pattern.compile("(?i)java heap space|GC overhead limit|OutOfMemoryError"),
                    (found, file) ->
                            "the heap is too small: raise spark.executor.memory (--driver-memory in local mode), or"
                                    + " lower spark.pagedAttention.batch.maxBytes"));

    private FileFaults() {}

    private static boolean isAscii(String name) {
        return StandardCharsets.US_ASCII.newEncoder().canEncode(name);
    }

    private static long mebibytes(String bytes) {
        return Long.parseLong(bytes) >> 20;
    }

    /** The sentence for a chain of causes, outermost first; empty when none of the known faults is in it. */
    static Optional<String> explain(List<Throwable> chain) {
        List<String> messages = chain.stream()
                .map(Throwable::getMessage)
                .filter(Objects::nonNull)
                .toList();
        Stream<Optional<String>> known =
                FAULTS.stream().flatMap(fault -> messages.stream().map(message -> fault.in(message, "")));
        String where = where(messages, WRITING);
        return known.flatMap(Optional::stream)
                .findFirst()
                .map(text -> where == null || text.contains(where) ? text : text + " (writing " + where + ")")
                .or(() -> unreadable(chain, messages));
    }

    private static Optional<String> unreadable(List<Throwable> chain, List<String> messages) {
        String file = where(messages, READING);
        if (file == null) {
            return Optional.empty();
        }
        return ReadingFaults.explain(chain, file).or(() -> Optional.of(damaged(chain, file)));
    }

    private static String damaged(List<Throwable> chain, String file) {
        Throwable deepest = chain.get(chain.size() - 1);
        String what = String.valueOf(deepest.getMessage()).lines().findFirst().orElse("");
        return "cannot read " + file + " (" + deepest.getClass().getSimpleName() + ": " + what
                + "): it may be damaged, or of another format than --input-format says; restore or remove it, or say what"
                + " it is";
    }

    private static @Nullable String where(List<String> messages, Pattern pattern) {
        return messages.stream()
                .map(pattern::matcher)
                .filter(Matcher::find)
                .map(matcher -> matcher.group(1))
                .findFirst()
                .orElse(null);
    }
}
