package org.pagedattention.scoring;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.ReferenceAttention;

/** Random histories and queries as two tables, and as one in which every row has its own copy. */
final class HistoryTables {
    private static final StructType QUERIES =
            new StructType().add("id", "long").add("user", "long").add("q", "binary");
    private static final StructType HISTORIES = new StructType()
            .add("user", "long")
            .add("k", "binary")
            .add("v", "binary")
            .add("country", "string");

    final AttentionSpec spec;
    private final Random random;
    final Map<Long, float[][]> histories = new LinkedHashMap<>();
    final List<Row> queries = new ArrayList<>();
    private final List<float[]> asked = new ArrayList<>();

    HistoryTables(AttentionSpec spec, long seed) {
        this.spec = spec;
        random = new Random(seed);
    }

    HistoryTables history(long user, int tokens) {
        return history(user, gaussians(tokens * spec.keyElements()), gaussians(tokens * spec.valueElements()));
    }

    HistoryTables history(long user, float[] k, float[] v) {
        histories.put(user, new float[][] {k, v});
        return this;
    }

    /** Adds {@code count} rows of {@code tokens} queries each. */
    HistoryTables ask(@Nullable Long user, int count, int tokens) {
        for (int i = 0; i < count; i++) {
            float[] q = gaussians(tokens * spec.queryElements());
            queries.add(RowFactory.create((long) queries.size(), user, TestSequences.bytes(spec.type(), q)));
            asked.add(q);
        }
        return this;
    }

    Dataset<Row> queries(int partitions) {
        return LocalSpark.table(queries, QUERIES, partitions);
    }

    Histories histories() {
        List<Row> rows = new ArrayList<>();
        histories.forEach((user, kv) -> rows.add(row(user, kv)));
        return histories(rows);
    }

    Histories histories(List<Row> rows) {
        return new Histories(LocalSpark.table(rows, HISTORIES, 2), "user");
    }

    Row row(@Nullable Long user, float[][] kv) {
        return RowFactory.create(
                user, TestSequences.bytes(spec.type(), kv[0]), TestSequences.bytes(spec.type(), kv[1]), "at");
    }

    /** Rows with k and v of their own; none of a user without history. */
    Dataset<Row> unshared() {
        List<Row> rows = new ArrayList<>();
        for (Row query : queries) {
            float[][] kv = query.isNullAt(1) ? null : histories.get(query.getLong(1));
            if (kv != null) {
                rows.add(RowFactory.create(
                        query.get(0),
                        query.get(1),
                        query.get(2),
                        TestSequences.bytes(spec.type(), kv[0]),
                        TestSequences.bytes(spec.type(), kv[1])));
            }
        }
        return LocalSpark.table(rows, QUERIES.add("k", "binary").add("v", "binary"), 2);
    }

    /** What attention gives for a row whose user has a history. */
    ReferenceAttention.Result expected(Row row) {
        float[][] kv = histories.get(row.<Long>getAs("user"));
        return ReferenceAttention.attend(spec, asked.get((int) (long) row.<Long>getAs("id")), kv[0], kv[1]);
    }

    float[] gaussians(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = spec.type().round((float) random.nextGaussian());
        }
        return values;
    }
}
