package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Failures;
import org.pagedattention.jobs.run.TableRun;
import org.pagedattention.jobs.run.Work;
import org.pagedattention.jobs.table.JobFailedException;
import org.pagedattention.jobs.table.OutputFolder;
import org.pagedattention.jobs.table.RowAccount;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.scoring.SequenceScorer;
import org.pagedattention.tensor.ElementType;

/** Whatever fails, the output is right and whole, or there is one clear message and nothing that looks whole. */
class FaultsTest {
    private static final int ROWS = 12;

    @TempDir
    static Path shared;

    @TempDir
    Path own;

    /** Tasks are tried three times here, as on a cluster, where local mode usually gives up at once. */
    @BeforeAll
    static void retryTasks() {
        JobRun.spark().stop();
        SparkSession.builder()
                .master("local[2,3]")
                .config("spark.ui.enabled", "false")
                .config("spark.sql.shuffle.partitions", "2")
                .getOrCreate();
        JobRun.generate(shared.resolve("in"), "--sequences " + ROWS, "--lengths fixed:4 --partitions 3");
    }

    @AfterAll
    static void leaveNoSessionBehind() {
        JobRun.spark().stop();
    }

    @Test
    void truncatedInputIsNamed() throws IOException {
        Path file = inputFile(copyOfInput());
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
        assertOneClearError(score("in", "out"), file.getFileName().toString(), "truncated");
    }

    @Test
    void damagedInputIsNamed() throws IOException {
        Path file = inputFile(copyOfInput());
        byte[] bytes = Files.readAllBytes(file);
        Arrays.fill(bytes, 4, bytes.length / 2, (byte) 77);
        Files.write(file, bytes);
        assertOneClearError(score("in", "out"), file.getFileName().toString());
    }

    @Test
    void inputThatIsNotParquetIsNamed() throws IOException {
        Path file = Files.writeString(copyOfInput().resolve("part-99999.parquet"), "id,name,q,k,v\n1,x,,,\n");
        assertOneClearError(score("in", "out"), file.getFileName().toString(), "--input-format");
    }

    @Test
    void inputRemovedWhileRunningIsNamed() throws IOException {
        Dataset<Row> table = JobRun.table(copyOfInput());
        Path file = inputFile(own.resolve("in"));
        Files.delete(file);
        Throwable failure = catchThrowable(() -> run(table));
        assertThat(Failures.message(failure)).contains(file.getFileName().toString(), "removed");
        assertThat(own.resolve("out/_SUCCESS")).doesNotExist();
    }

    /** What Ctrl-C brings. */
    @Test
    void aJobThatIsStoppedSaysSo() {
        for (String said : new String[] {
            "SparkContext has been shutdown",
            "LiveListenerBus is stopped.",
            "Cannot call methods on a stopped SparkContext."
        }) {
            assertThat(Failures.message(new IllegalStateException(said)))
                    .startsWith("Spark was stopped while the job ran");
        }
    }

    /** A test that runs as root may read everything, so these are the words of Java and of HDFS. */
    @Test
    void whatMayNotBeReadIsNotTakenForWhatMayNotBeWritten() {
        assertThat(Failures.message(new IOException("/data/a b/part-0.parquet (Permission denied)")))
                .startsWith("/data/a b/part-0.parquet may not be opened by this user");
        assertThat(Failures.message(new IOException("Permission denied: user=me, access=READ, inode=\"/in\":hdfs")))
                .startsWith("not permitted: Permission denied: user=me, access=READ, inode=\"/in\"");
    }

    /** What Spark says when a driver starts with --driver-memory 100m. */
    @Test
    void aHeapTooSmallForSparkNamesTheOption() {
        String said = "[INVALID_DRIVER_MEMORY] System memory 93323264 must be at least 471859200.\nPlease increase it.";
        assertThat(Failures.message(new IllegalArgumentException(said)))
                .isEqualTo("the driver's heap of 89 MiB is too small for Spark, which wants 450 MiB:"
                        + " raise --driver-memory");
    }

    @Test
    void outputBelowAFileIsNamed() throws IOException {
        Files.writeString(own.resolve("file"), "");
        copyOfInput();
        assertOneClearError(score("in", "file/out"), own.resolve("file").toString());
    }

    @Test
    void skippingBrokenFilesIsRefused() throws IOException {
        copyOfInput();
        JobRun.spark().conf().set("spark.sql.files.ignoreCorruptFiles", "true");
        try {
            JobRun run = score("in", "out");
            assertThat(run.err()).contains("spark.sql.files.ignoreCorruptFiles is true");
            assertThat(run.status()).isEqualTo(2);
        } finally {
            JobRun.spark().conf().unset("spark.sql.files.ignoreCorruptFiles");
        }
    }

    @Test
    void rowsAreCountedOnceThoughTasksFail() throws IOException {
        Dataset<Row> flaky = failing(JobRun.table(copyOfInput()), 2);
        RowAccount account = run(flaky);
        assertThat(account).isEqualTo(new RowAccount(ROWS, ROWS, 0));
        assertThat(JobRun.table(own.resolve("out")).select("id").distinct().count())
                .isEqualTo(ROWS);
    }

    @Test
    void badRowsAreCountedOnceThoughTasksFail() throws IOException {
        Dataset<Row> input = JobRun.table(copyOfInput()).selectExpr("id", "name", "q", "IF(id < 5, null, k) AS k", "v");
        RowAccount account =
                run(failing(input, 2), "quarantine", own.resolve("aside").toString());
        assertThat(account).isEqualTo(new RowAccount(ROWS, ROWS - 5, 5));
        assertThat(JobRun.table(own.resolve("aside")).count()).isEqualTo(5);
    }

    @Test
    void aTaskThatFailsForGoodLeavesNothingBehind() throws IOException {
        Dataset<Row> input = JobRun.table(copyOfInput()).selectExpr("id", "name", "q", "IF(id < 5, null, k) AS k", "v");
        Throwable failure = catchThrowable(
                () -> run(failing(input, 3), "quarantine", own.resolve("aside").toString()));
        assertThat(Failures.message(failure)).contains("injected");
        assertThat(own.resolve("aside")).doesNotExist();
        assertThat(files(own, "staging")).isEmpty();
        assertThat(own.resolve("out/_SUCCESS")).doesNotExist();
        assertThat(files(own.resolve("out"), ".parquet")).isEmpty();
    }

    @Test
    void aFailedJobCanRunAgain() throws IOException {
        Path file = inputFile(copyOfInput());
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, new byte[100]);
        assertThat(score("in", "out").status()).isEqualTo(1);
        Files.write(file, bytes);
        assertThat(score("in", "out").status()).isZero();
        assertThat(own.resolve("out/_SUCCESS")).exists();
    }

    @Test
    void anAccountThatDoesNotAddUpFailsTheJob() {
        assertThat(catchThrowable(() -> new RowAccount(40, 38, 1).checked("there")))
                .isInstanceOf(JobFailedException.class)
                .hasMessageContaining("40 read, 38 written, 1 quarantined")
                .hasMessageContaining("there stays without _SUCCESS");
    }

    private JobRun score(String input, String output) {
        return JobRun.of(
                "score --backend cpu --input " + own.resolve(input) + " --output " + own.resolve(output), JobRun.SHAPE);
    }

    private RowAccount run(Dataset<Row> table) {
        return run(table, "fail", "");
    }

    private RowAccount run(Dataset<Row> table, String policy, String quarantine) {
        AttentionSpec spec = new AttentionSpec(4, 2, 16, 16, ElementType.FP16, Mask.none(), 0.25f);
        ScoringOptions options = ScoringOptions.builder(spec)
                .conf(PagedAttentionConf.parse(
                        Map.of("spark.pagedAttention.onBadRow", policy, "spark.pagedAttention.backend", "cpu")))
                .build();
        Console console = new Console(new PrintWriter(System.out), new PrintWriter(System.err));
        OutputFolder target = new OutputFolder(
                JobRun.spark(), new org.apache.hadoop.fs.Path(own.resolve("out").toString()), "parquet");
        return new TableRun(
                        JobRun.spark(),
                        "score",
                        Work.ATTENTION,
                        options.conf(),
                        input -> SequenceScorer.plan(input, options),
                        console)
                .run(table, target, SaveMode.ErrorIfExists, quarantine);
    }

    /** Every task fails at its last row, the first {@code attempts} times. */
    private static Dataset<Row> failing(Dataset<Row> table, int attempts) {
        MapFunction<Row, Row> map = row -> {
            TaskContext task = TaskContext.get();
            if (task.attemptNumber() < attempts && row.getLong(0) % 4 == 3) {
                throw new ArithmeticException("injected");
            }
            return row;
        };
        return table.map(map, Encoders.row(table.schema()));
    }

    private static void assertOneClearError(JobRun run, String... said) {
        assertThat(run.err()).contains(said).doesNotContain("\tat ");
        assertThat(run.err().lines().filter(line -> line.startsWith("error: "))).hasSize(1);
        assertThat(run.status()).isEqualTo(1);
    }

    private Path copyOfInput() throws IOException {
        Path copy = Files.createDirectory(own.resolve("in"));
        for (Path file : files(shared.resolve("in"), ".parquet")) {
            Files.copy(file, copy.resolve(file.getFileName()));
        }
        return copy;
    }

    private static Path inputFile(Path folder) throws IOException {
        return files(folder, ".parquet").get(1);
    }

    private static List<Path> files(Path folder, String end) throws IOException {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(end)).sorted().toList();
        }
    }
}
