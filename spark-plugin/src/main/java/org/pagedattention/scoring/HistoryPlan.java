package org.pagedattention.scoring;

import java.util.Set;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.request.HistorySharing;
import org.pagedattention.request.QkvColumns;
import org.pagedattention.request.ScoringOptions;

/**
 * Attention of queries to histories, which lie in another table. Rows have the columns of the queries' table, and behind them
 * what makes a row a history, and its k and v.
 *
 * @param attention names the tensor columns of such rows
 * @param queries columns of the queries' table
 * @param key position of the key, in rows of both kinds
 */
record HistoryPlan(AttentionPlan attention, StructType queries, int key) implements WorkloadPlan {
    /** Types whose values are equal when their bytes are. */
    private static final Set<DataType> KEY_TYPES = Set.of(
            DataTypes.BooleanType,
            DataTypes.ByteType,
            DataTypes.ShortType,
            DataTypes.IntegerType,
            DataTypes.LongType,
            DataTypes.StringType,
            DataTypes.BinaryType,
            DataTypes.DateType,
            DataTypes.TimestampType,
            DataTypes.TimestampNTZType);

    /**
     * Finds the columns.
     *
     * @throws IllegalArgumentException when one is missing or of another type, or serves two purposes
     */
    static HistoryPlan of(StructType queries, StructType histories, String key, ScoringOptions options) {
        AttentionSpec spec = options.spec();
        QkvColumns names = options.columns();
        AttentionPlan.Columns asked = new AttentionPlan.Columns("the queries", queries, 0, spec);
        AttentionPlan.Columns held = new AttentionPlan.Columns("the histories", histories, 0, spec);
        if (key.equals(names.q()) || Set.of(key, names.k(), names.v()).size() != 3) {
            throw new IllegalArgumentException("key column '" + key + "', q '" + names.q() + "', k '" + names.k()
                    + "' and v '" + names.v() + "': the key, and k and v of a history, must be columns of their own;"
                    + " set option key, option q, option k and option v");
        }
        int at = asked.ordinal(key, "key");
        requireKey(queries.fields()[at], histories.fields()[held.ordinal(key, "key")]);
        StructType tensors = new StructType()
                .add(histories.fields()[held.ordinal(names.k(), "k")])
                .add(histories.fields()[held.ordinal(names.v(), "v")]);
        AttentionPlan.Columns behind = new AttentionPlan.Columns("the histories", tensors, queries.length() + 1, spec);
        return new HistoryPlan(
                new AttentionPlan(asked.q(names), behind.k(names), behind.v(names), options), queries, at);
    }

    private static void requireKey(StructField asked, StructField held) {
        DataType type = asked.dataType();
        String name = asked.name();
        if (!type.equals(held.dataType())) {
            throw new IllegalArgumentException("column '" + name + "' is " + type.simpleString()
                    + " in the queries and " + held.dataType().simpleString()
                    + " in the histories: cast one of them first, since keys are equal only within a type");
        }
        if (!KEY_TYPES.contains(type) && !(type instanceof org.apache.spark.sql.types.DecimalType)) {
            throw new IllegalArgumentException("column '" + name + "' is " + type.simpleString()
                    + ", which is no key: use a column of whole numbers, STRING, BINARY, DECIMAL, DATE or TIMESTAMP");
        }
    }

    String keyName() {
        return queries.fields()[key].name();
    }

    DataType keyType() {
        return queries.fields()[key].dataType();
    }

    /** Whether a row is a history; others are queries. */
    boolean isHistory(InternalRow row) {
        return row.getBoolean(queries.length());
    }

    /** How histories lie in batches. */
    HistorySharing sharing() {
        return HistorySharing.of(attention.options());
    }

    @Override
    public StructType table(StructType rows) {
        return queries;
    }

    @Override
    public Set<String> inputs() {
        return Set.of(attention.q().name());
    }

    @Override
    public StructType results() {
        return attention.results();
    }

    @Override
    public String withoutResult(String name) {
        return attention.withoutResult(name);
    }

    @Override
    public HistoryWorkload open(int threads) {
        return new HistoryWorkload(this, attention.open(threads));
    }
}
