package org.pagedattention.jobs.bench.sharing;

import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.pagedattention.jobs.generate.GenerateHistoriesCommand;
import org.pagedattention.jobs.run.OutputOptions;

/**
 * The tables of one comparison.
 *
 * @param folder they lie in
 * @param files of each
 * @param empty whether only to open them, and read no row
 */
record SharingTables(SparkSession spark, String folder, int files, boolean empty) {

    /** Writes rows and histories, and the first {@code unsharedRows} in one table of both. */
    void write(SharingRows made, long rows, long unsharedRows) {
        OutputOptions.overwriting(folder + "/histories")
                .write(
                        GenerateHistoriesCommand.dataset(
                                spark, made.histories(), files, made.historySchema(), made::history),
                        List.of("k", "v"));
        OutputOptions.overwriting(folder + "/queries")
                .write(
                        GenerateHistoriesCommand.dataset(spark, rows, files, made.querySchema(), made::query),
                        List.of("q"));
        if (unsharedRows > 0) {
            // made row by row again: a join would have to hold what it is to be compared with
            OutputOptions.overwriting(folder + "/unshared")
                    .write(
                            GenerateHistoriesCommand.dataset(
                                    spark, unsharedRows, files, made.unsharedSchema(), made::unshared),
                            List.of("q", "k", "v"));
        }
    }

    /** The same tables, of which no row is read. */
    SharingTables withoutRows() {
        return new SharingTables(spark, folder, files, true);
    }

    Dataset<Row> queries() {
        return asking("queries");
    }

    Dataset<Row> histories() {
        return table("histories");
    }

    Dataset<Row> unshared() {
        return asking("unshared");
    }

    private Dataset<Row> asking(String name) {
        return empty ? table(name).where("id < 0") : table(name);
    }

    private Dataset<Row> table(String name) {
        return spark.read().parquet(folder + "/" + name);
    }
}
