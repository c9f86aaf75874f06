package org.pagedattention.jobs.verify;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.first;
import static org.apache.spark.sql.functions.lit;

import java.util.function.UnaryOperator;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.score.HistoryOptions;
import org.pagedattention.jobs.score.PrefixOptions;
import org.pagedattention.jobs.table.Tables;
import org.pagedattention.request.QkvColumns;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The table of histories or prefixes, which rows to verify are joined with by Spark's own join. */
final class HistoryTable {
    /** Under this name a row to verify has its key. */
    static final String ASKED = "asked";

    /** Under these it has keys and values of the other table. */
    static final String K = "shared_k";

    static final String V = "shared_v";

    @Mixin
    private final HistoryOptions histories = new HistoryOptions();

    @Option(
            names = "--kv-key",
            paramLabel = "COL",
            description = "With --kv-input: the column that --key named for score")
    private String key = "";

    @Mixin
    private final PrefixOptions prefixes = new PrefixOptions();

    boolean given() {
        return histories.given() || prefixes.given();
    }

    void require() {
        histories.requireKey("--kv-key", key);
        prefixes.require();
        if (histories.given() && prefixes.given()) {
            throw new IllegalArgumentException(
                    "score reads --kv-input or --prefix-input: give the one that it was given");
        }
    }

    /** Whether rows have k and v of their own too. */
    boolean prefixes() {
        return prefixes.given();
    }

    String key() {
        return prefixes.given() ? prefixes.key() : key;
    }

    /**
     * Gives rows with column {@link #ASKED} the columns {@link #K} and {@link #V}; nulls where no history has the key, or
     * several.
     */
    UnaryOperator<Dataset<Row>> join(SparkSession spark, Console console, QkvColumns columns) {
        Dataset<Row> table =
                (prefixes.given() ? prefixes.read(spark, console) : histories.read(spark, console, key)).table();
        Dataset<Row> all = table.select(
                Tables.column(table, key()).as("of"),
                Tables.column(table, columns.k()).as(K),
                Tables.column(table, columns.v()).as(V));
        return rows -> {
            Column same = col(ASKED).equalTo(col("of"));
            Dataset<Row> single = all.join(rows.select(ASKED).distinct(), same, "left_semi")
                    .groupBy("of")
                    .agg(count(lit(1)).as("copies"), first(K).as(K), first(V).as(V))
                    .where(col("copies").equalTo(1));
            return rows.join(single, same, "left_outer");
        };
    }
}
