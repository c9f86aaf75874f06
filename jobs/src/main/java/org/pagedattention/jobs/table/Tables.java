package org.pagedattention.jobs.table;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetOutputFormat;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.pagedattention.scoring.ReadSettings;

/** Reads and writes tables at paths. */
public final class Tables {
    private Tables() {}

    /**
     * Opens a table.
     *
     * @param option the option that named {@code path}, for the message when nothing is there
     */
    public static Dataset<Row> read(SparkSession spark, String format, String path, String option) {
        ReadSettings.requireRight((org.apache.spark.sql.classic.SparkSession) spark);
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        boolean pattern = PathPattern.is(path, hadoop);
        if (!pattern && !HadoopFiles.exists(HadoopFiles.qualified(path, hadoop), hadoop)) {
            throw new IllegalArgumentException(option + " " + path + " does not exist: give the path of a " + format
                    + " table" + (path.contains(",") ? " (several have one pattern, such as {a,b})" : ""));
        }
        requireNoLog(format, pattern, path, option, hadoop);
        try {
            // what is there as it is named is meant, whatever pattern the name would make
            return spark.read().format(format).load(pattern ? path : literal(path));
        } catch (Exception e) { // Spark throws checked exceptions without declaring them
            String fault = e instanceof SparkThrowable thrown ? thrown.getCondition() : null;
            if ("UNABLE_TO_INFER_SCHEMA".equals(fault)) {
                throw new IllegalArgumentException(
                        option + " " + path + " holds no " + format
                                + " files (names that begin with _ or . do not count): give the folder that has them",
                        e);
            }
            if ("PATH_NOT_FOUND".equals(fault)) {
                throw new IllegalArgumentException(
                        option + " " + path + " is a pattern that nothing matches: see what is there", e);
            }
            if (fault != null && fault.startsWith("CONFLICTING_")) {
                throw new IllegalArgumentException(
                        option + " " + path + " stands for partition folders (name=value) that do not make one"
                                + " table: give the one folder above them, or run once for each folder",
                        e);
            }
            throw e;
        }
    }

    /** Beside the files of its table, such a folder holds files whose rows were deleted or replaced. */
    private static void requireNoLog(String format, boolean pattern, String path, String option, Configuration hadoop) {
        if (new TableEntries(format).ownLayout()) {
            return;
        }
        for (String log : new String[] {"_delta_log", ".hoodie"}) {
            Path place = new Path(path, log);
            if (pattern ? !HadoopFiles.glob(place, hadoop).isEmpty() : HadoopFiles.exists(place, hadoop)) {
                String name = log.equals(".hoodie") ? "hudi" : "delta";
                throw new IllegalArgumentException(option + " " + path + " holds " + log + ": read as " + format
                        + " it would give rows that were deleted or replaced; set " + option + "-format to " + name
                        + ", with its jar among --packages");
            }
        }
    }

    /** A path that Spark takes as it is, where it would take some characters for a pattern. */
    public static String literal(String path) {
        return path.replaceAll("[*?\\[\\]{}\\\\]", "\\\\$0");
    }

    /** A session that reads files by other code than score does, so as not to share the faults of that. */
    public static SparkSession withOtherReaders(SparkSession spark) {
        SparkSession other = ((org.apache.spark.sql.classic.SparkSession) spark).cloneSession();
        other.conf().set(SQLConf.PARQUET_VECTORIZED_READER_ENABLED().key(), "false");
        other.conf().set(SQLConf.ORC_VECTORIZED_READER_ENABLED().key(), "false");
        return other;
    }

    /**
     * Refuses settings with which Spark skips input that it cannot read, without a word.
     *
     * @throws IllegalArgumentException naming the setting
     */
    public static void requireCompleteReads(SparkSession spark) {
        for (String key : new String[] {"spark.sql.files.ignoreCorruptFiles", "spark.sql.files.ignoreMissingFiles"}) {
            if (Boolean.parseBoolean(spark.conf().get(key, "false"))) {
                throw new IllegalArgumentException(
                        key + " is true, so rows could be left out without a word: set it to false");
            }
        }
    }

    /**
     * Refuses a table that cannot be read again once it is written: csv gets BINARY as text for people, and of Parquet's
     * second version Spark's own reader gives other values, as {@link ReadSettings#VECTORED_READS} says.
     *
     * @throws IllegalArgumentException naming the column or the setting
     */
    public static void requireHeld(SparkSession spark, StructType table, String format) {
        for (StructField field : table.fields()) {
            if (format.equalsIgnoreCase("csv") && field.dataType().equals(DataTypes.BinaryType)) {
                throw new IllegalArgumentException("csv has no BINARY, and column " + field.name()
                        + " is: set --output-format to parquet or orc, or leave the column out");
            }
        }
        String version = spark.sparkContext().hadoopConfiguration().get(ParquetOutputFormat.WRITER_VERSION, "v1");
        String codec = spark.conf().get(SQLConf.PARQUET_COMPRESSION().key());
        if (format.equalsIgnoreCase("parquet")
                && Set.of("v2", "PARQUET_2_0").contains(version)
                && Set.of("none", "uncompressed").contains(codec.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException(ParquetOutputFormat.WRITER_VERSION + " is " + version + " and "
                    + SQLConf.PARQUET_COMPRESSION().key() + " is " + codec
                    + ": Spark would read other values from such pages than they hold; set the codec to snappy or"
                    + " zstd, or the version to v1");
        }
    }

    /** Refuses two places of which one would write over, or be read with, the other. */
    public static void requireApart(
            SparkSession spark, String option, String path, String otherOption, String otherPath) {
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        Path one = HadoopFiles.place(new Path(path), hadoop);
        Path other = HadoopFiles.place(new Path(otherPath), hadoop);
        if (meet(one, other)) {
            throw new IllegalArgumentException(option + " " + path + " and " + otherOption + " " + otherPath
                    + " lie in each other: set " + option + " to a path of its own");
        }
    }

    /** Refuses what {@link #requireApart} does, where {@code input} may be a pattern. */
    public static void requireApartFromInput(SparkSession spark, String option, String path, String input) {
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        if (!PathPattern.is(input, hadoop)) {
            requireApart(spark, option, path, "--input", input);
            return;
        }
        Path one = HadoopFiles.place(new Path(path), hadoop);
        PathPattern pattern = new PathPattern(input, hadoop);
        if (pattern.covers(one) || pattern.matches().stream().anyMatch(match -> meet(one, match))) {
            throw new IllegalArgumentException("--input " + input + " also stands for " + option + " " + path
                    + ", or for something in it: set " + option + " to a path of its own");
        }
    }

    /** The column called {@code name}, whatever characters that has. */
    public static Column column(Dataset<Row> table, String name) {
        return table.col("`" + name.replace("`", "``") + "`");
    }

    /** A row for people, by the columns {@code names}, which stand in it one after another from {@code first}. */
    public static String rowName(Row row, List<String> names, int first) {
        return IntStream.range(0, names.size())
                .mapToObj(i -> names.get(i) + "=" + row.get(first + i))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private static boolean meet(Path one, Path other) {
        return inside(one, other) || inside(other, one);
    }

    private static boolean inside(Path inner, Path outer) {
        for (Path path = inner; path != null; path = path.getParent()) {
            if (path.equals(outer)) {
                return true;
            }
        }
        return false;
    }
}
