package org.pagedattention.jobs;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Option;

/** The table of sequences. */
final class InputOptions {
    @Option(names = "--input", paramLabel = "PATH", description = "Table with one sequence a row; required")
    private String path = "";

    @Option(
            names = "--input-format",
            paramLabel = "NAME",
            defaultValue = "parquet",
            description = "Any format that Spark reads, such as orc (default: parquet)")
    private String format = "parquet";

    boolean given() {
        return !path.isEmpty();
    }

    String path() {
        if (path.isEmpty()) {
            throw new IllegalArgumentException("missing --input: give the path of the table of sequences");
        }
        return path;
    }

    String format() {
        return format;
    }

    Dataset<Row> read(SparkSession spark) {
        return Tables.read(spark, format, path(), "--input");
    }
}
