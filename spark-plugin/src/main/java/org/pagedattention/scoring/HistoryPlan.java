package org.pagedattention.scoring;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.request.HistorySharing;
import org.pagedattention.request.QkvColumns;
import org.pagedattention.request.ScoringOptions;

/**
 * Attention of rows to histories, which lie in another table. Rows have the columns of the first table, and behind them
 * what makes a row a history, and its k and v.
 *
 * @param attention names the tensor columns that a row's sequence is made of
 * @param k the keys of a history
 * @param v its values
 * @param queries columns of the first table
 * @param key position of the key, in rows of both kinds
 * @param prefixes whether rows have k and v of their own, behind those of their history
 */
record HistoryPlan(
        AttentionPlan attention, TensorColumn k, TensorColumn v, StructType queries, int key, boolean prefixes)
        implements WorkloadPlan {
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
    static HistoryPlan of(
            StructType queries, StructType histories, String key, boolean prefixes, ScoringOptions options) {
        AttentionSpec spec = options.spec();
        QkvColumns names = options.columns();
        String shared = prefixes ? "prefix" : "history";
        String keyOption = prefixes ? "prefixKey" : "key";
        String all = prefixes ? "the prefixes" : "the histories";
        AttentionPlan.Columns asked =
                new AttentionPlan.Columns(prefixes ? "the rows" : "the queries", queries, 0, spec);
        AttentionPlan.Columns held = new AttentionPlan.Columns(all, histories, 0, spec);
        if (key.equals(names.q()) || new HashSet<>(List.of(key, names.k(), names.v())).size() != 3) {
            throw new IllegalArgumentException("key column '" + key + "', q '" + names.q() + "', k '" + names.k()
                    + "' and v '" + names.v() + "': the key, and k and v of a " + shared
                    + ", must be columns of their own; set option " + keyOption + ", option q, option k and option v");
        }
        if (options.dedupe()) {
            throw new IllegalArgumentException("option dedupe finds what rows of one table begin with, and here a key"
                    + " says so: leave it out, or the table of " + (prefixes ? "prefixes" : "histories"));
        }
        int at = asked.ordinal(key, keyOption);
        requireKey(queries.fields()[at], histories.fields()[held.ordinal(key, keyOption)], prefixes);
        StructType tensors = new StructType()
                .add(histories.fields()[held.ordinal(names.k(), "k")])
                .add(histories.fields()[held.ordinal(names.v(), "v")]);
        AttentionPlan.Columns behind = new AttentionPlan.Columns(all, tensors, queries.length() + 1, spec);
        TensorColumn k = behind.k(names);
        TensorColumn v = behind.v(names);
        AttentionPlan attention =
                prefixes ? AttentionPlan.of(queries, options) : new AttentionPlan(asked.q(names), k, v, options);
        return new HistoryPlan(attention, k, v, queries, at, prefixes);
    }

    /** What rows have in common: a history, or a prefix. */
    String shared() {
        return prefixes ? "prefix" : "history";
    }

    private static void requireKey(StructField asked, StructField held, boolean prefixes) {
        DataType type = asked.dataType();
        String name = asked.name();
        if (!type.equals(held.dataType())) {
            throw new IllegalArgumentException("column '" + name + "' is " + type.simpleString()
                    + (prefixes ? " in the rows and " : " in the queries and ")
                    + held.dataType().simpleString()
                    + (prefixes ? " in the prefixes" : " in the histories")
                    + ": cast one of them first, since keys are equal only within a type");
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

    /** How histories lie in batches of a backend. */
    private HistorySharing sharing(AttentionBackend backend) {
        return prefixes
                ? HistorySharing.ofPrefixes(
                        attention.options(), backend.onDevice().isPresent())
                : HistorySharing.of(attention.options());
    }

    @Override
    public StructType table(StructType rows) {
        return queries;
    }

    @Override
    public Set<String> inputs() {
        return prefixes ? attention.inputs() : Set.of(attention.q().name());
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
        AttentionWorkload opened = attention.open(threads);
        return new HistoryWorkload(this, opened, sharing(opened.backend()));
    }
}
