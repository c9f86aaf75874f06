package org.pagedattention.jobs.table;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.orc.OrcFile;
import org.apache.orc.Reader;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.Type;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.internal.SQLConf;

/**
 * The columns that each file of a table has. Spark takes a table's columns from one of its files, leaves out without a
 * word what only others have, and shows null where others lack one.
 */
record FileColumns(String format, boolean caseSensitive, boolean merged) {
    /** Names of columns, for one file each. */
    private record Difference(long files, Set<String> columns) {
        static Difference of(List<List<String>> perFile) {
            Set<String> names = new LinkedHashSet<>();
            perFile.forEach(names::addAll);
            return new Difference(
                    perFile.stream().filter(columns -> !columns.isEmpty()).count(), names);
        }

        String text() {
            return String.join(", ", columns);
        }
    }

    static FileColumns of(SparkSession spark, String format) {
        String name = format.toLowerCase(Locale.ROOT);
        return new FileColumns(
                name,
                Boolean.parseBoolean(spark.conf().get(SQLConf.CASE_SENSITIVE().key())),
                Boolean.parseBoolean(spark.conf().get(mergeSetting(name), "false")));
    }

    /** The setting with which Spark takes the columns of all files. */
    private static String mergeSetting(String format) {
        return "spark.sql." + format + ".mergeSchema";
    }

    /**
     * What to tell of a table's files. Of more than {@link ManyFiles#MOST}, as many are looked at, spread evenly.
     * Nothing is to tell where Spark takes the columns of all files.
     *
     * @param columns of the table, without those that are names of folders
     * @param known others of the table
     * @param name of the table, for people
     * @throws JobFailedException for a file that {@link FooterCounts} refuses
     */
    List<String> notes(
            List<FileStatus> files, List<String> columns, List<String> known, String name, Configuration hadoop) {
        if (!Set.of("parquet", "orc").contains(format)) {
            return List.of();
        }
        List<List<String>> looked = ManyFiles.ask(spread(files), file -> columns(file, hadoop)).stream()
                .flatMap(Optional::stream)
                .toList();
        if (merged) {
            return List.of();
        }
        List<String> all = Stream.concat(columns.stream(), known.stream()).toList();
        Difference left =
                Difference.of(looked.stream().map(file -> without(file, all)).toList());
        Difference empty = Difference.of(
                looked.stream().map(file -> without(columns, file)).toList());
        List<String> notes = new ArrayList<>();
        String some = " of " + looked.size() + " files of " + name;
        if (left.files() > 0) {
            notes.add("note: " + left.files() + some + " have columns that Spark leaves out, as it takes the table's"
                    + " from another of them: " + left.text() + "; give --conf " + mergeSetting(format)
                    + "=true to have them");
        }
        if (empty.files() > 0) {
            notes.add("note: " + empty.files() + some + " lack columns of the table, which are null in their rows: "
                    + empty.text());
        }
        return notes;
    }

    private static List<FileStatus> spread(List<FileStatus> files) {
        int count = Math.min(files.size(), ManyFiles.MOST);
        List<FileStatus> some = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            some.add(files.get((int) ((long) i * files.size() / count)));
        }
        return some;
    }

    /** Those of {@code names} that are none of {@code others}, as Spark compares names. */
    private List<String> without(List<String> names, List<String> others) {
        Set<String> keys = others.stream().map(this::key).collect(Collectors.toSet());
        return names.stream().filter(name -> !keys.contains(key(name))).toList();
    }

    private String key(String name) {
        return caseSensitive ? name : name.toLowerCase(Locale.ROOT);
    }

    /** Empty where the file cannot be read: those who need its rows will say why. */
    private Optional<List<String>> columns(FileStatus file, Configuration hadoop) {
        try {
            return Optional.of(format.equals("orc") ? ofOrc(file, hadoop) : ofParquet(file, hadoop));
        } catch (JobFailedException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    private static List<String> ofOrc(FileStatus file, Configuration hadoop) throws IOException {
        try (Reader reader = OrcFile.createReader(file.getPath(), OrcFile.readerOptions(hadoop))) {
            return reader.getSchema().getFieldNames();
        }
    }

    private static List<String> ofParquet(FileStatus file, Configuration hadoop) throws IOException {
        try (ParquetFileReader reader = ParquetFileReader.open(
                HadoopInputFile.fromStatus(file, hadoop),
                HadoopReadOptions.builder(hadoop, file.getPath()).build())) {
            FooterCounts.require(reader.getFooter(), file.getPath());
            return reader.getFileMetaData().getSchema().getFields().stream()
                    .map(Type::getName)
                    .toList();
        }
    }
}
