package org.pagedattention.jobs.score;

import org.apache.spark.sql.SparkSession;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.scoring.Histories;
import picocli.CommandLine.Option;

/** The table of histories, where K and V lie in one of their own. */
public final class HistoryOptions {
    private static final String INPUT = "--kv-input";

    @Option(
            names = INPUT,
            paramLabel = "PATH",
            description =
                    "Table of histories: a key, k and v a row. Rows of --input then have q and the key, and no k and"
                            + " v; a history that many of them ask is shuffled once a task and held once a batch")
    private String path = "";

    @Option(
            names = "--kv-input-format",
            paramLabel = "NAME",
            defaultValue = "parquet",
            description = "Any format that Spark reads, such as orc (default: parquet)")
    private String format = "parquet";

    public boolean given() {
        return table().given();
    }

    /**
     * Checks that the key goes with the table.
     *
     * @param option the option that names the key
     * @param key what it says; empty where it was not given
     */
    public void requireKey(String option, String key) {
        table().requireKey(option, key, "whose history a row asks");
    }

    /** Opens the table. */
    public Histories read(SparkSession spark, Console console, String key) {
        return new Histories(table().read(spark, console), key);
    }

    KeyedTable table() {
        return new KeyedTable(INPUT, path, format);
    }
}
