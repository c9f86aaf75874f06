package org.pagedattention.jobs.score;

import org.apache.spark.sql.SparkSession;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.scoring.Histories;
import picocli.CommandLine.Option;

/** The table of prefixes, behind whose K and V rows have some of their own. */
public final class PrefixOptions {
    private static final String INPUT = "--prefix-input";
    private static final String KEY = "--prefix-key";

    @Option(
            names = INPUT,
            paramLabel = "PATH",
            description =
                    "Table of prefixes: a key, k and v a row. The keys of a row of --input are those of its prefix and"
                            + " its own behind them, and masks count from the first of all; a prefix that many rows have is"
                            + " shuffled once a task and held once a batch")
    private String path = "";

    @Option(
            names = "--prefix-input-format",
            paramLabel = "NAME",
            defaultValue = "parquet",
            description = "Any format that Spark reads, such as orc (default: parquet)")
    private String format = "parquet";

    @Option(
            names = KEY,
            paramLabel = "COL",
            description =
                    "With --prefix-input: the column of both tables that says which prefix a row has, of such a type as"
                            + " that of histories")
    private String key = "";

    public boolean given() {
        return table().given();
    }

    /** Checks that the key goes with the table. */
    public void require() {
        table().requireKey(KEY, key, "which prefix a row has");
    }

    public String key() {
        return key;
    }

    /** Opens the table. */
    public Histories read(SparkSession spark, Console console) {
        return Histories.prefixes(table().read(spark, console), key);
    }

    KeyedTable table() {
        return new KeyedTable(INPUT, path, format);
    }
}
