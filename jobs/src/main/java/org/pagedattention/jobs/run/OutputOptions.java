package org.pagedattention.jobs.run;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.types.StructType;
import org.pagedattention.jobs.cli.Required;
import org.pagedattention.jobs.table.HadoopFiles;
import org.pagedattention.jobs.table.Tables;
import org.pagedattention.jobs.tuning.LargeRowSettings;
import org.pagedattention.jobs.tuning.PlainLists;
import picocli.CommandLine.Option;

/** Where a table is written. */
public final class OutputOptions {
    /** What to do with a table that is there already. */
    public enum Mode {
        ERRORIFEXISTS,
        OVERWRITE
    }

    @Option(names = "--output", paramLabel = "PATH", description = "Folder to write; required")
    private String path = "";

    @Option(
            names = "--output-format",
            paramLabel = "NAME",
            defaultValue = "parquet",
            description = "Any format that Spark writes, such as orc; csv holds no tensors (default: parquet)")
    private String format = "parquet";

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            defaultValue = "errorifexists",
            description =
                    "errorifexists, or overwrite the table there; a file, or a folder with anything else in it, is always left"
                            + " alone (default: errorifexists)")
    private Mode mode = Mode.ERRORIFEXISTS;

    public static OutputOptions overwriting(String path) {
        OutputOptions options = new OutputOptions();
        options.path = path;
        options.mode = Mode.OVERWRITE;
        return options;
    }

    /** The same, for a table at another path. */
    public OutputOptions at(String other) {
        OutputOptions options = new OutputOptions();
        options.path = other;
        options.format = format;
        options.mode = mode;
        return options;
    }

    /** Writes the table there, its tensor columns as they are best read again. */
    public void write(Dataset<Row> rows, List<String> tensorColumns) {
        Configuration hadoop = rows.sparkSession().sparkContext().hadoopConfiguration();
        Tables.requireHeld(rows.sparkSession(), rows.schema(), format);
        HadoopFiles.makeRoom(HadoopFiles.qualified(path, hadoop), hadoop);
        PlainLists.write(
                rows.sparkSession(),
                rows.schema(),
                tensorColumns,
                () -> rows.write()
                        .format(format)
                        .options(LargeRowSettings.writeOptions(hadoop, tensorColumns))
                        .mode(overwrite() ? SaveMode.Overwrite : SaveMode.ErrorIfExists)
                        .save(path));
    }

    public void require(Required required) {
        required.need("--output", !path.isEmpty());
    }

    public String path() {
        return path;
    }

    public String format() {
        return format;
    }

    /** What would be written, in words. */
    String words(StructType columns) {
        return path + ": " + format + (overwrite() ? ", instead of what is there" : "") + "; columns "
                + Stream.of(columns.fields())
                        .map(field -> field.name() + " " + field.dataType().simpleString())
                        .collect(Collectors.joining(", "));
    }

    public boolean overwrite() {
        return mode == Mode.OVERWRITE;
    }
}
