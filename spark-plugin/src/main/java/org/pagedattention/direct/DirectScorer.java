package org.pagedattention.direct;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.util.LongAccumulator;
import org.pagedattention.columns.ColumnJob;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.direct.parquet.ChunkSize;
import org.pagedattention.direct.parquet.FileCut;
import org.pagedattention.direct.parquet.NotDirectException;
import org.pagedattention.direct.parquet.Piece;
import org.pagedattention.executor.ExecutorBackends;
import org.pagedattention.gpu.cudf.CudfPresence;
import org.pagedattention.gpu.cudf.HostImage;
import org.pagedattention.request.ScoringOptions;

/**
 * Scores a Parquet table into a Parquet table without rows in between: row groups go straight to the GPU and come back
 * as Parquet. Gives the rows that {@link org.pagedattention.scoring.SequenceScorer} gives.
 */
public final class DirectScorer {
    private final SparkSession spark;
    private final ColumnJob job;
    private final FileCut files;
    private final LongAccumulator sequences;

    private DirectScorer(SparkSession spark, ColumnJob job, FileCut files) {
        this.spark = spark;
        this.job = job;
        this.files = files;
        sequences = spark.sparkContext().longAccumulator("sequences");
    }

    /** Whether cuDF's classes are there, so that it may work; loads no native code. */
    public static boolean cudfIsThere() {
        return CudfPresence.missing().isEmpty();
    }

    /** Loads cuDF's native library, ahead of {@link #requireCudf}, which says what is wrong with it. */
    public static void loadCudf() {
        var unused = CudfPresence.unavailable();
    }

    /**
     * Sees whether cuDF works in this JVM; loads its native library.
     *
     * @throws NotDirectException when it does not, with the reason
     */
    public static void requireCudf() {
        CudfPresence.unavailable().ifPresent(reason -> {
            throw new NotDirectException(reason);
        });
    }

    /**
     * Plans the scoring of {@code table}, which Parquet files at one path hold; reads their footers.
     *
     * @throws NotDirectException when it must take another path
     */
    public static DirectScorer plan(Dataset<Row> table, ScoringOptions options) {
        if (options.dedupe()) {
            throw new NotDirectException("option dedupe finds what rows begin with as they pass through Spark");
        }
        CudfPresence.missing().ifPresent(reason -> {
            throw new NotDirectException(reason);
        });
        SparkSession spark = (SparkSession) table.sparkSession();
        ColumnJob job = job(spark, table, options);
        FileCut files =
                FileCut.of(spark, paths(table), List.of(table.schema().fieldNames()), CudfPresence::unavailable);
        if (files.pieces().isEmpty()) {
            throw new NotDirectException("the table has no rows");
        }
        return new DirectScorer(spark, job, files);
    }

    /**
     * Takes the memory in which this process would score {@code table}, for a driver that is its own executor and has time
     * before the first task.
     *
     * @throws NotDirectException when it must take another path
     */
    public static void takeMemory(Dataset<Row> table, ScoringOptions options) {
        SparkSession spark = (SparkSession) table.sparkSession();
        job(spark, table, options);
        PagedAttentionConf conf = options.conf();
        int cpus = spark.sparkContext().conf().getInt("spark.task.cpus", 1);
        int slots = spark.sparkContext().defaultParallelism();
        ExecutorGpu.open(
                ExecutorBackends.get("cudnn", conf.backendSettings(cpus)),
                conf,
                DirectTask.piecesAtOnce(taskSlots(spark, slots)),
                FileCut.bytes(paths(table), spark.sessionState().newHadoopConf()));
        // the pinned part is not there before somebody asked for some of it
        HostImage.allocate(1).close();
    }

    /** Sequences written so far, for people; those of tasks that failed count too. */
    public LongAccumulator sequences() {
        return sequences;
    }

    /** Rows of the table, as its footers tell. */
    public long rows() {
        return files.rows();
    }

    /** Bytes of the table's row groups. */
    public long inputBytes() {
        return files.bytes();
    }

    /**
     * Scores the table. The output gets no {@code _SUCCESS}, which is for the caller to write when all rows are found there.
     *
     * @param path of the output
     * @param overwrite whether what is there goes away
     * @throws IllegalArgumentException when that would be the table itself
     * @throws BadPieceException somewhere in the cause chain, when a row cannot be scored; there is no output then
     */
    public DirectResult write(String path, boolean overwrite) {
        try {
            OutputCommit output = OutputCommit.of(spark, path, suffix());
            if (overwrite) {
                files.requireOutside(output.folder(), output.hadoop());
            }
            output.setupJob(overwrite);
            try {
                List<TaskResult> results = run(output);
                output.commitJob(results.stream().map(TaskResult::commit).toList());
                return DirectResult.of(results, rows());
            } catch (Throwable t) {
                // Spark's own exception is checked, and thrown all the same
                output.abortJob();
                throw t;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + path + ": " + e.getMessage(), e);
        }
    }

    private List<TaskResult> run(OutputCommit output) {
        List<Piece> pieces = files.pieces();
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        int slots = context.defaultParallelism();
        return context.parallelize(pieces, ChunkSize.tasks(pieces.size(), slots))
                .mapPartitions(new DirectTask(job, output, taskSlots(spark, slots), inputBytes(), sequences))
                .collect();
    }

    private static ColumnJob job(SparkSession spark, Dataset<Row> table, ScoringOptions options) {
        return DirectColumns.job(
                table.schema(), options, spark.sessionState().conf().parquetCompressionCodec());
    }

    private static List<String> paths(Dataset<Row> table) {
        return Arrays.stream(table.inputFiles())
                .map(file -> new Path(URI.create(file)).toString())
                .sorted()
                .toList();
    }

    /** Tasks that an executor runs at once, as far as the settings say so. */
    private static int taskSlots(SparkSession spark, int parallelism) {
        int cores = spark.sparkContext().conf().getInt("spark.executor.cores", parallelism);
        int cpus = spark.sparkContext().conf().getInt("spark.task.cpus", 1);
        return Math.max(1, Math.min(cores, parallelism) / cpus);
    }

    private String suffix() {
        return job.output().compression().getExtension() + ".parquet";
    }
}
