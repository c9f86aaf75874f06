package org.pagedattention.jobs.run;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.pagedattention.jobs.table.HadoopFiles;
import org.pagedattention.jobs.table.Json;
import org.pagedattention.jobs.table.Tables;
import picocli.CommandLine.Option;

/** Where programs find what a job says at its end. */
final class SummaryOption {
    @Option(
            names = "--summary",
            paramLabel = "FILE",
            description =
                    "Also write what the job says at its end to this file, as JSON; one that is there is replaced")
    private String file = "";

    /**
     * Refuses a file that cannot be written, or would be among the rows of a table.
     *
     * @throws IllegalArgumentException naming it
     */
    void requireWritable(SparkSession spark, String input, String output) {
        if (file.isEmpty()) {
            return;
        }
        Tables.requireApartFromInput(spark, "--summary", file, input);
        Tables.requireApart(spark, "--summary", file, "--output", output);
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        Path path = path(hadoop);
        if (HadoopFiles.exists(path, hadoop) && HadoopFiles.status(path, hadoop).isDirectory()) {
            throw new IllegalArgumentException("--summary " + file + " is a folder: name a file in it");
        }
    }

    /** Writes it, if it is wanted. */
    void write(SparkSession spark, SummaryFile summary) {
        if (!file.isEmpty()) {
            Configuration hadoop = spark.sparkContext().hadoopConfiguration();
            HadoopFiles.write(path(hadoop), Json.text(summary) + "\n", hadoop);
        }
    }

    private Path path(Configuration hadoop) {
        return HadoopFiles.qualified(file, hadoop);
    }
}
