package org.pagedattention.jobs.run;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.network.util.JavaUtils;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.pagedattention.conf.ModelAtStart;
import org.pagedattention.jobs.cli.Versions;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** Whether and how a job goes on where an earlier one was interrupted. */
final class ResumeOptions {
    /** Bytes of a unit for each task slot: some partitions of Spark's usual size. */
    private static final long BYTES_PER_SLOT = 512L << 20;

    /** They say where and how results are kept, and what is printed of them, not what they are. */
    private static final Set<String> INDECISIVE = Set.of(
            "--aggregate",
            "--summary",
            "--report",
            "--explain",
            "--output",
            "--mode",
            "--resume",
            "--unit-bytes",
            "--stacktrace",
            "--help",
            "--version");

    @Option(
            names = "--resume",
            description = "Finish the input in units of files, and skip what an interrupted run with --resume, the same"
                    + " options and the same input has finished")
    private boolean resume;

    @Option(
            names = "--unit-bytes",
            paramLabel = "SIZE",
            description = "Input bytes that --resume finishes at a time, such as 10g (default: 512m a task slot)")
    private @Nullable String unitBytes;

    /** Whether there is anything to go on with, and to do in units. */
    boolean wanted() {
        if (unitBytes != null && !resume) {
            throw new IllegalArgumentException("--unit-bytes " + unitBytes
                    + " says how much --resume finishes at a time: give both, or leave it out");
        }
        return resume;
    }

    long unitBytes(SparkSession spark) {
        if (unitBytes == null) {
            return BYTES_PER_SLOT * spark.sparkContext().defaultParallelism();
        }
        try {
            return JavaUtils.byteStringAsBytes(unitBytes);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "--unit-bytes '" + unitBytes + "' is not a size: give one such as 512m or 10g", e);
        }
    }

    /** Settings, as far as they decide what the results are. */
    static Map<String, String> decisive(Map<String, String> settings) {
        Map<String, String> all = new TreeMap<>(settings);
        // when a model is loaded
        all.remove(ModelAtStart.KEY);
        return all;
    }

    /** The software and the command's options, by their names, as far as they decide what the results are. */
    static Map<String, String> decisive(List<OptionSpec> options) {
        Map<String, String> all = new TreeMap<>();
        all.put("version", Versions.product());
        for (OptionSpec option : options) {
            if (!INDECISIVE.contains(option.longestName())) {
                all.put(option.longestName(), Objects.toString(option.<Object>getValue(), ""));
            }
        }
        return all;
    }
}
