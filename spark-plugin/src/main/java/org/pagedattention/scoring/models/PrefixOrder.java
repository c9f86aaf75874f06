package org.pagedattention.scoring.models;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.monotonically_increasing_id;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.pagedattention.request.LikelihoodColumns;

/**
 * A table sorted by what its rows begin with. Tasks get ranges of rows rather than groups of them, so a beginning that many
 * rows share is split over tasks.
 */
final class PrefixOrder {
    /** Of partitions, for each task that runs at a time, so that one which takes longer keeps no slot idle for long. */
    private static final int TURNS = 3;

    private PrefixOrder() {}

    static Dataset<Row> of(Dataset<Row> input, LikelihoodColumns columns) {
        // rows that are all alike must not end up in one task either
        String number = unused(input, "row_number");
        List<Column> keys = new ArrayList<>();
        if (columns.context() != null) {
            keys.add(quoted(columns.context()));
        }
        keys.add(quoted(columns.scored()));
        keys.add(col(number));
        Column[] order = keys.toArray(Column[]::new);
        return input.withColumn(number, monotonically_increasing_id())
                .repartitionByRange(partitions(input), order)
                .sortWithinPartitions(order)
                .drop(number);
    }

    private static int partitions(Dataset<Row> input) {
        int slots = input.sparkSession().sparkContext().defaultParallelism();
        return Math.max(TURNS * slots, input.rdd().getNumPartitions());
    }

    private static Column quoted(String name) {
        return col("`" + name.replace("`", "``") + "`");
    }

    private static String unused(Dataset<Row> input, String wanted) {
        String name = wanted;
        while (Arrays.asList(input.columns()).contains(name)) {
            name += "_";
        }
        return name;
    }
}
