package org.pagedattention.scoring;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.pagedattention.files.Literal;

/**
 * A place for rows that cannot be scored. Tasks put them into files of their own beside the path; {@link #publish} makes
 * one table of those whose task succeeded, the whole input row and column {@code error}, and tidies up.
 */
public final class Quarantine implements Serializable {
    private static final long serialVersionUID = 1;

    private final String path;
    private final String staging;
    private final SerializableConfiguration hadoop;
    /** Files of successful attempts: Spark adds a task's part only once it has succeeded. */
    private final CollectionAccumulator<String> files;

    private Quarantine(String path, SparkSession spark) {
        this.path = path;
        Path folder = new Path(path);
        // beside the path, not in it: a task that is killed late may still write there, and must not bring the path
        // back
        staging = new Path(
                        folder.isRoot() ? folder : folder.getParent(),
                        "_" + folder.getName() + "-staging-" + UUID.randomUUID())
                .toString();
        hadoop = new SerializableConfiguration(spark.sessionState().newHadoopConf());
        files = spark.sparkContext().collectionAccumulator("quarantine files");
    }

    /**
     * Prepares a quarantine.
     *
     * @throws IllegalArgumentException when there is something at {@code path} already
     */
    public static Quarantine at(String path, org.apache.spark.sql.SparkSession spark) {
        Quarantine quarantine = new Quarantine(path, (SparkSession) spark);
        try {
            if (quarantine.fileSystem().exists(new Path(path))) {
                throw new IllegalArgumentException(
                        "quarantine path " + path + " exists: rows of another run may be in it; name a new path");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look at quarantine path " + path + ": " + e.getMessage(), e);
        }
        return quarantine;
    }

    /** The file of one task attempt; made when its first row comes. */
    QuarantineFile open(TaskContext task) {
        Path file = new Path(staging, "part-" + task.partitionId() + "-" + task.taskAttemptId());
        return new QuarantineFile(file, hadoop, files);
    }

    /**
     * Writes the quarantined rows as Parquet at the path, once the scored rows are written; nothing is written when
     * there are none.
     *
     * @param input the table that was scored
     * @return how many rows are in quarantine
     */
    public long publish(Dataset<Row> input) {
        List<String> found = files.value().stream().distinct().sorted().toList();
        if (found.isEmpty()) {
            return 0;
        }
        SparkSession spark = (SparkSession) input.sparkSession();
        StructType schema = input.schema().add(TableScorer.ERROR_COLUMN, DataTypes.StringType, false);
        int fields = input.schema().length();
        SerializableConfiguration conf = hadoop;
        JavaRDD<InternalRow> rows = JavaSparkContext.fromSparkContext(spark.sparkContext())
                .parallelize(found, found.size())
                .flatMap(file -> new QuarantineFile.Rows(new Path(file), conf, fields));
        spark.internalCreateDataFrame(rows.rdd(), schema, false)
                .write()
                .mode(SaveMode.Append)
                .parquet(path);
        // a reader takes some characters for a pattern where the writer takes them as they are
        long count = spark.read().schema(schema).parquet(Literal.of(path)).count();
        try {
            fileSystem().delete(new Path(staging), true);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + staging + ": " + e.getMessage(), e);
        }
        return count;
    }

    /**
     * Removes what a failed run put aside.
     *
     * @param failure takes what goes wrong here, so that it hides nothing
     */
    public void discard(Throwable failure) {
        try {
            fileSystem().delete(new Path(staging), true);
            fileSystem().delete(new Path(path), true);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private FileSystem fileSystem() throws IOException {
        return new Path(path).getFileSystem(hadoop.value());
    }
}
