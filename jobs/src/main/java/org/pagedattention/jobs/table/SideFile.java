package org.pagedattention.jobs.table;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * A file that a job writes beside its tables, if it is wanted.
 *
 * @param option that names it
 * @param file where it goes; empty for nowhere
 */
public record SideFile(String option, String file) {

    public boolean wanted() {
        return !file.isEmpty();
    }

    /**
     * Refuses a file that cannot be written, or would be among the rows of a table.
     *
     * @throws IllegalArgumentException naming it
     */
    public void requireWritable(SparkSession spark, String input, String output) {
        if (!wanted()) {
            return;
        }
        Tables.requireApartFromInput(spark, option, file, input);
        Tables.requireApart(spark, option, file, "--output", output);
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        Path path = HadoopFiles.qualified(file, hadoop);
        if (HadoopFiles.exists(path, hadoop) && HadoopFiles.status(path, hadoop).isDirectory()) {
            throw new IllegalArgumentException(option + " " + file + " is a folder: name a file in it");
        }
    }

    /** Writes it; one that is there is replaced. */
    public void write(SparkSession spark, String text) {
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        HadoopFiles.write(HadoopFiles.qualified(file, hadoop), text, hadoop);
    }
}
