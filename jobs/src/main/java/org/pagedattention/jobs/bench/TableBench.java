package org.pagedattention.jobs.bench;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.jobs.cli.JobSession;
import org.pagedattention.jobs.generate.GenerateCommand;
import org.pagedattention.jobs.generate.Lengths;
import org.pagedattention.jobs.generate.SequenceGenerator;
import org.pagedattention.jobs.options.AttentionOptions;
import org.pagedattention.jobs.options.BackendOptions;
import org.pagedattention.jobs.run.OutputOptions;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What benchmarks of whole jobs share: the table that they make and score, where it lies, and how often they do it. */
final class TableBench {
    @Mixin
    final AttentionOptions attention = new AttentionOptions();

    @Mixin
    private final BackendOptions backend = new BackendOptions();

    @Option(names = "--sequences", paramLabel = "N", description = "Rows of the table (default: ${DEFAULT-VALUE})")
    private long sequences;

    @Option(
            names = "--lengths",
            paramLabel = "FORM",
            defaultValue = "lognormal:512:0.8:4096",
            description = "Tokens of a sequence: " + Lengths.FORMS + " (default: lognormal:512:0.8:4096)")
    private Lengths lengths = new Lengths.LogNormal(512, 0.8, 4096);

    @Option(names = "--runs", paramLabel = "N", description = "Timed runs of each job (default: ${DEFAULT-VALUE})")
    private int runs;

    @Option(
            names = "--dir",
            paramLabel = "PATH",
            description = "Folder for the tables, on a file system that all executors see; its subfolder of the"
                    + " benchmark's name is replaced (default: a temporary folder, removed at the end)")
    private @Nullable String dir;

    /** With these defaults. */
    TableBench(long sequences, int runs) {
        this.sequences = sequences;
        this.runs = runs;
    }

    void check() {
        if (runs < 1 || sequences < 1) {
            throw new IllegalArgumentException("--runs and --sequences must be 1 or more");
        }
    }

    long sequences() {
        return sequences;
    }

    Lengths lengths() {
        return lengths;
    }

    int runs() {
        return runs;
    }

    PagedAttentionConf conf(JobSession session) {
        return PagedAttentionConf.parse(session.conf(backend.settings()));
    }

    /** Does {@code work} with a folder that is there, or may be made. */
    void inFolder(String bench, Consumer<String> work) {
        if (dir != null) {
            work.accept(dir + "/" + bench);
            return;
        }
        File temporary = temporaryFolder(bench);
        try {
            work.accept(temporary.toURI().toString());
        } finally {
            FileUtil.fullyDelete(temporary);
        }
    }

    private static File temporaryFolder(String bench) {
        try {
            return Files.createTempDirectory(bench).toFile();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes the table to {@code path}. */
    void generate(SparkSession spark, String path, int partitions) {
        SequenceGenerator generator =
                new SequenceGenerator(attention.spec(), lengths, null, SequenceGenerator.Encoding.BINARY, 1);
        Dataset<Row> rows = GenerateCommand.dataset(
                spark, generator, sequences, partitions, spark.sparkContext().longAccumulator("sequences"));
        OutputOptions.overwriting(path).write(rows, List.of("q", "k", "v"));
    }

    /** The run of the median time; of an even number the slower one in the middle. */
    static <T> T median(List<T> runs, ToDoubleFunction<T> time) {
        return runs.stream().sorted(Comparator.comparingDouble(time)).toList().get(runs.size() / 2);
    }
}
