package org.pagedattention.jobs.table;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
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
import org.jspecify.annotations.Nullable;
import org.pagedattention.files.InputException;
import org.pagedattention.files.Listing;
import org.pagedattention.files.Literal;
import org.pagedattention.files.Place;
import org.pagedattention.scoring.input.InputFiles;
import org.pagedattention.scoring.input.ReadSettings;

/** Reads and writes tables at paths. */
public final class Tables {
    private Tables() {}

    /**
     * Opens a table.
     *
     * @param option the option that named {@code path}, for the message when nothing is there
     */
    public static Dataset<Row> read(SparkSession spark, String format, String path, String option, PrintWriter notes) {
        requireCompleteReads(spark);
        ReadSettings.requireRight((org.apache.spark.sql.classic.SparkSession) spark);
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        boolean pattern = PathPattern.is(path, hadoop);
        if (!pattern && !HadoopFiles.exists(HadoopFiles.qualified(path, hadoop), hadoop)) {
            throw new IllegalArgumentException(option + " " + path + " does not exist: give the path of a " + format
                    + " table" + (path.contains(",") ? " (several have one pattern, such as {a,b})" : ""));
        }
        if (new TableEntries(format).ownLayout()) {
            return load(spark, format, path, option, pattern);
        }
        try {
            Listing listing = listing(format, path, option, pattern, hadoop);
            Dataset<Row> table = load(spark, format, path, option, pattern);
            InputFiles.requireAll(table, listing);
            report(listing, table, option + " " + path, notes);
            reportColumns(spark, format, table, option + " " + path, notes);
            return table;
        } catch (InputException e) {
            throw new IllegalArgumentException(option + " " + path + ": " + e.getMessage(), e);
        }
    }

    /** Before Spark opens the table, since it may fail there without saying why. */
    private static Listing listing(String format, String path, String option, boolean pattern, Configuration hadoop) {
        if (!pattern) {
            return HadoopFiles.listing(
                    List.of(HadoopFiles.status(HadoopFiles.qualified(path, hadoop), hadoop)), format, true, hadoop);
        }
        PathPattern paths = new PathPattern(path, hadoop);
        paths.requireAllSeen();
        List<FileStatus> matches = paths.matches();
        if (matches.isEmpty()) {
            throw new IllegalArgumentException(
                    option + " " + path + " is a pattern that nothing matches: see what is there");
        }
        return HadoopFiles.listing(matches, format, false, hadoop);
    }

    /** What is as Spark has it for all its users, and yet may surprise. */
    private static void report(Listing listing, Dataset<Row> rows, String table, PrintWriter notes) {
        List<String> overlaid = InputFiles.overlaid(rows);
        if (!overlaid.isEmpty()) {
            notes.println("note: files of " + table + " have " + String.join(", ", overlaid)
                    + ", and names of their folders too: Spark takes the folders' values");
        }
        listing.firstHidden()
                .ifPresent(first -> notes.println("note: " + table + " also holds " + listing.hidden() + " file"
                        + (listing.hidden() == 1 ? "" : "s")
                        + " that Spark does not read, as names with _ or . before mean hidden ones (such as "
                        + first + ")"));
    }

    private static void reportColumns(
            SparkSession spark, String format, Dataset<Row> table, String name, PrintWriter notes) {
        List<String> folders = InputFiles.ofFolders(table);
        List<String> columns = Arrays.stream(table.columns())
                .filter(column -> !folders.contains(column))
                .toList();
        FileColumns.of(spark, format)
                .notes(
                        InputFiles.of(table),
                        columns,
                        folders,
                        name,
                        spark.sparkContext().hadoopConfiguration())
                .forEach(notes::println);
    }

    private static Dataset<Row> load(SparkSession spark, String format, String path, String option, boolean pattern) {
        try {
            // what is there as it is named is meant, whatever pattern the name would make
            return spark.read().format(format).load(pattern ? path : Literal.of(path));
        } catch (Exception e) { // Spark throws checked exceptions without declaring them
            String fault = e instanceof SparkThrowable thrown ? thrown.getCondition() : null;
            if ("UNABLE_TO_INFER_SCHEMA".equals(fault)) {
                throw new IllegalArgumentException(
                        option + " " + path + " holds no " + format
                                + " files (names that begin with _ or . do not count): give the folder that has them",
                        e);
            }
            if ("COLUMN_ALREADY_EXISTS".equals(fault)) {
                throw new IllegalArgumentException(
                        option + " " + path + " has columns whose names differ in case alone: give --conf "
                                + SQLConf.CASE_SENSITIVE().key() + "=true",
                        e);
            }
            if (fault != null && fault.startsWith("PARQUET_TYPE_")) {
                throw new IllegalArgumentException(unreadType(option + " " + path, e.getMessage()), e);
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

    /** Pandas writes times in nanoseconds, which Spark reads as numbers when told to. */
    private static String unreadType(String table, @Nullable String message) {
        String type = String.valueOf(message).replaceFirst("(?s)^.*?: ", "").replaceFirst("(?s)\\. SQLSTATE.*", "");
        return table + " has a column of Parquet's type " + type + ", which Spark does not read: "
                + (type.contains("NANOS")
                        ? "give --conf "
                                + SQLConf.LEGACY_PARQUET_NANOS_AS_LONG().key()
                                + "=true to carry it as a number, or write it anew in microseconds"
                        : "write the table anew without it, or as another type");
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
    private static void requireCompleteReads(SparkSession spark) {
        for (String key : new String[] {"spark.sql.files.ignoreCorruptFiles", "spark.sql.files.ignoreMissingFiles"}) {
            requireFalse(key, Boolean.parseBoolean(spark.conf().get(key, "false")));
        }
        // of Avro, whose reader then passes by what is called otherwise than x.avro
        String avro = "avro.mapred.ignore.inputs.without.extension";
        requireFalse(
                "spark.hadoop." + avro,
                spark.sparkContext().hadoopConfiguration().getBoolean(avro, false));
    }

    private static void requireFalse(String key, boolean value) {
        if (value) {
            throw new IllegalArgumentException(
                    key + " is true, so rows could be left out without a word: set it to false");
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
        Place one = HadoopFiles.place(new Path(path), hadoop);
        if (one.meets(HadoopFiles.place(new Path(otherPath), hadoop))) {
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
        Place one = HadoopFiles.place(new Path(path), hadoop);
        PathPattern pattern = new PathPattern(input, hadoop);
        if (pattern.covers(one)
                || pattern.matches().stream()
                        .map(match -> HadoopFiles.place(match.getPath(), hadoop))
                        .anyMatch(one::meets)) {
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
}
