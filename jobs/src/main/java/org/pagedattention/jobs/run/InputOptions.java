package org.pagedattention.jobs.run;

import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.pagedattention.files.Literal;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Required;
import org.pagedattention.jobs.explain.Sample;
import org.pagedattention.jobs.table.HadoopFiles;
import org.pagedattention.jobs.table.PathPattern;
import org.pagedattention.jobs.table.Tables;
import org.pagedattention.scoring.input.InputFiles;
import picocli.CommandLine.Option;

/** The table of sequences. */
public final class InputOptions {
    @Option(
            names = "--input",
            paramLabel = "PATH",
            description =
                    "Table with one sequence a row: a folder, a file, or a pattern for several, such as /data/{a,b} or"
                            + " '/data/2026-*' (in quotes); required")
    private String path = "";

    @Option(
            names = "--input-format",
            paramLabel = "NAME",
            defaultValue = "parquet",
            description = "Any format that Spark reads, such as orc (default: parquet)")
    private String format = "parquet";

    public void require(Required required) {
        required.need("--input", !path.isEmpty());
    }

    public String path() {
        return path;
    }

    public String format() {
        return format;
    }

    /** Opens the table. */
    public Dataset<Row> read(SparkSession spark, Console console) {
        return Tables.read(spark, format, path, "--input", console.err());
    }

    /** Some rows of the table. */
    Sample sample(Dataset<Row> table) {
        SparkSession spark = table.sparkSession();
        boolean pattern = PathPattern.is(path, spark.sparkContext().hadoopConfiguration());
        return Sample.of(
                table,
                pattern ? List.of() : InputFiles.of(table),
                file -> read(spark, List.of(InputFile.of(file)), table.schema()));
    }

    /** Some files of the table, read as the whole table is. */
    Dataset<Row> read(SparkSession spark, List<InputFile> files, StructType schema) {
        DataFrameReader reader = spark.read().format(format).schema(schema);
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        if (HadoopFiles.status(new Path(path()), hadoop).isDirectory()) {
            // columns that are folder names come from the part of a path below this
            reader = reader.option("basePath", path());
        }
        return reader.load(files.stream().map(InputFile::path).map(Literal::of).toArray(String[]::new));
    }
}
