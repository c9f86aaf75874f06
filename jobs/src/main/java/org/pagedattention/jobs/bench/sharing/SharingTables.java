package org.pagedattention.jobs.bench.sharing;

import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.pagedattention.jobs.generate.GenerateHistoriesCommand;
import org.pagedattention.jobs.generate.HistoryGenerator;
import org.pagedattention.jobs.run.OutputOptions;

/**
 * The tables of one comparison.
 *
 * @param folder they lie in
 * @param files of each
 */
record SharingTables(SparkSession spark, String folder, int files) {
    static final String KEY = "history";

    /** Writes rows and histories, and one table of both where {@code unshared} says so. */
    void write(HistoryGenerator generator, long rows, boolean unshared) {
        OutputOptions.overwriting(folder + "/histories")
                .write(
                        GenerateHistoriesCommand.dataset(
                                spark, generator.histories(), files, generator.historySchema(), generator::history),
                        List.of("k", "v"));
        OutputOptions.overwriting(folder + "/queries")
                .write(
                        GenerateHistoriesCommand.dataset(spark, rows, files, generator.querySchema(), generator::query),
                        List.of("q"));
        if (unshared) {
            // made row by row again: a join would have to hold what it is to be compared with
            OutputOptions.overwriting(folder + "/unshared")
                    .write(
                            GenerateHistoriesCommand.dataset(
                                    spark, rows, files, generator.unsharedSchema(), generator::unshared),
                            List.of("q", "k", "v"));
        }
    }

    Dataset<Row> queries() {
        return table("queries");
    }

    Dataset<Row> histories() {
        return table("histories");
    }

    Dataset<Row> unshared() {
        return table("unshared");
    }

    private Dataset<Row> table(String name) {
        return spark.read().parquet(folder + "/" + name);
    }
}
