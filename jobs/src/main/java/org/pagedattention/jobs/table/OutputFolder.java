package org.pagedattention.jobs.table;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Observation;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.pagedattention.files.Literal;
import org.pagedattention.jobs.tuning.LargeRowSettings;
import org.pagedattention.jobs.tuning.PlainLists;

/**
 * A folder that a table is written to, and that says it is whole only when somebody has counted its rows: Spark writes
 * without its marker, {@link #mark} sets it.
 */
public final class OutputFolder {
    /** The file that says a table is whole. */
    public static final String MARKER = "_SUCCESS";

    /** The setting with which Spark, or a user, leaves the marker out. */
    private static final String WITH_MARKER = "mapreduce.fileoutputcommitter.marksuccessfuljobs";

    /** Formats of which a row may take several lines. */
    private static final Set<String> MANY_LINES = Set.of("csv", "text");

    private static final String ROWS = "rows";

    private static final int LONGEST_MARKER = 1 << 29;

    private final SparkSession spark;
    private final Path path;
    private final String format;

    public OutputFolder(SparkSession spark, Path path, String format) {
        this.spark = spark;
        this.path = path;
        this.format = format;
    }

    public Path path() {
        return path;
    }

    public String format() {
        return format;
    }

    /** The table that is there. */
    public Dataset<Row> read() {
        return spark.read().format(format).load(Literal.of(path.toString()));
    }

    /**
     * Writes {@code rows}, as Parquet's or another format's files, without the marker.
     *
     * @return how many rows the tasks wrote whose files count
     */
    public long write(Dataset<Row> rows, SaveMode mode, List<String> tensorColumns) {
        Map<String, String> options = new HashMap<>(LargeRowSettings.writeOptions(hadoop(), tensorColumns));
        options.put(WITH_MARKER, "false");
        HadoopFiles.makeRoom(path, hadoop());
        Observation written = new Observation();
        Dataset<Row> counted =
                rows.observe(written, functions.count(functions.lit(1)).as(ROWS));
        PlainLists.write(
                spark,
                rows.schema(),
                tensorColumns,
                () -> counted.write().format(format).options(options).mode(mode).save(path.toString()));
        try {
            return (Long) Objects.requireNonNull(written.getAsJava().get(ROWS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JobFailedException("the job was interrupted once it had written " + path, e);
        }
    }

    /**
     * Rows that are there: those that a reader finds, or those that tasks wrote where a reader cannot tell one row from
     * two, as a value has line breaks. Each row has a line at least, so with fewer lines some are lost.
     *
     * @param schema null to take that of the files
     * @param written by tasks
     */
    public long rows(@Nullable StructType schema, long written) {
        return MANY_LINES.contains(format.toLowerCase(Locale.ROOT))
                ? Math.min(
                        written, spark.read().text(Literal.of(path.toString())).count())
                : count(schema);
    }

    /**
     * Rows that a reader finds; of Parquet and ORC only the footers are read.
     *
     * @param schema null to take that of the files
     */
    public long count(@Nullable StructType schema) {
        List<FileStatus> files = TableFiles.statuses(path, hadoop());
        boolean here = format.equalsIgnoreCase("parquet")
                && files.size() <= ManyFiles.MOST
                && files.stream().allMatch(FileStatus::isFile);
        return here ? ParquetRows.of(files, hadoop()) : countBySpark(schema);
    }

    private long countBySpark(@Nullable StructType schema) {
        DataFrameReader reader = spark.read().format(format);
        return (schema == null ? reader : reader.schema(schema))
                .load(Literal.of(path.toString()))
                .count();
    }

    /**
     * Says that the table is whole, unless this Spark is set to leave such marks out.
     *
     * @param account of its rows
     * @throws JobFailedException when that does not add up; the table gets no mark then
     */
    public void mark(RowAccount account) {
        account.checked(path.toString());
        if (hadoop().getBoolean(WITH_MARKER, true)) {
            HadoopFiles.write(marker(), "", hadoop());
        }
    }

    /** Says that the table is whole, and what that is, for a run that must know it later. */
    public void markAnyhow() {
        HadoopFiles.write(marker(), TableFiles.in(path, hadoop()).json(), hadoop());
    }

    /**
     * Whether the table was said to be whole.
     *
     * @throws JobFailedException when a file that it had then is missing or has changed
     */
    public boolean isWhole() {
        String text = HadoopFiles.read(marker(), LONGEST_MARKER, hadoop());
        if (text != null) {
            TableFiles.parse(text).requireStillIn(TableFiles.in(path, hadoop()), path.toString());
        }
        return text != null;
    }

    private Path marker() {
        return new Path(path, MARKER);
    }

    private Configuration hadoop() {
        return spark.sparkContext().hadoopConfiguration();
    }
}
