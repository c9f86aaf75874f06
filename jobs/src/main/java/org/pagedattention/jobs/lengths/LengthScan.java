package org.pagedattention.jobs.lengths;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.pagedattention.jobs.table.Tables;

/**
 * Finds how many tokens the K and V of a table's rows have.
 *
 * @param k the column of K
 * @param v the column of V
 * @param names columns that tell a person which row it is; they follow the two sizes
 */
record LengthScan(TokenColumn k, TokenColumn v, List<String> names) implements Serializable {

    /**
     * What one partition holds.
     *
     * @param tokens of its good rows, in order
     * @param bad how many rows are left out
     * @param firstBad the first of them, and why; null without any
     */
    record Part(int[] tokens, long bad, @Nullable String firstBad) implements Serializable {}

    /** All partitions of {@code table}. */
    static List<Part> of(Dataset<Row> table, TokenColumn k, TokenColumn v) {
        List<Column> wanted = new ArrayList<>(List.of(size(table, k), size(table, v)));
        List<String> names = new ArrayList<>();
        for (StructField field : table.schema().fields()) {
            if (isShort(field.dataType())) {
                names.add(field.name());
                wanted.add(Tables.column(table, field.name()));
            }
        }
        LengthScan scan = new LengthScan(k, v, names);
        return table.select(wanted.toArray(Column[]::new))
                .javaRDD()
                .mapPartitions(rows -> List.of(scan.part(rows)).iterator())
                .collect();
    }

    private Part part(Iterator<Row> rows) {
        List<Integer> tokens = new ArrayList<>();
        long bad = 0;
        String first = null;
        while (rows.hasNext()) {
            Row row = rows.next();
            Integer keys = row.isNullAt(0) ? null : row.getInt(0);
            String problem = problem(keys, row.isNullAt(1) ? null : row.getInt(1));
            if (problem == null) {
                tokens.add(k.tokens(Objects.requireNonNull(keys)));
            } else if (bad++ == 0) {
                first = Tables.rowName(row, names, 2) + ": " + problem;
            }
        }
        return new Part(tokens.stream().mapToInt(Integer::intValue).toArray(), bad, first);
    }

    /** Why a row with these sizes is bad; null when it is good. */
    @Nullable
    String problem(@Nullable Integer keySize, @Nullable Integer valueSize) {
        String ofKeys = k.problem(keySize);
        String alone = ofKeys == null ? v.problem(valueSize) : ofKeys;
        if (alone != null || keySize == null || valueSize == null) {
            return alone;
        }
        int keys = k.tokens(keySize);
        int values = v.tokens(valueSize);
        return keys == values
                ? null
                : "column " + k.name() + " has " + keys + " tokens and column " + v.name() + " has " + values;
    }

    private static Column size(Dataset<Row> table, TokenColumn side) {
        Column column = Tables.column(table, side.name());
        return side.binary() ? functions.octet_length(column) : functions.array_size(column);
    }

    private static boolean isShort(DataType type) {
        return Stream.of(BinaryType.class, ArrayType.class, MapType.class, StructType.class)
                .noneMatch(longer -> longer.isInstance(type));
    }
}
