package org.pagedattention.scoring;

import java.util.ArrayList;
import java.util.Arrays;
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

/** Random prefixes and rows that go on behind them, as two tables and as one. */
final class PrefixTables {
    private static final StructType ROWS = new StructType()
            .add("id", "long")
            .add("prompt", "long")
            .add("q", "binary")
            .add("k", "binary")
            .add("v", "binary");
    private static final StructType PREFIXES =
            new StructType().add("prompt", "long").add("k", "binary").add("v", "binary");

    final AttentionSpec spec;
    final Map<Long, float[][]> prefixes = new LinkedHashMap<>();
    private final Random random;
    private final List<@Nullable Long> prompts = new ArrayList<>();
    private final List<float[][]> rows = new ArrayList<>();

    PrefixTables(AttentionSpec spec, long seed) {
        this.spec = spec;
        random = new Random(seed);
    }

    PrefixTables prefix(long prompt, int tokens) {
        prefixes.put(
                prompt,
                new float[][] {gaussians(tokens * spec.keyElements()), gaussians(tokens * spec.valueElements())});
        return this;
    }

    /** Adds a row of so many queries, and keys of its own. */
    float[][] row(@Nullable Long prompt, int queries, int own) {
        prompts.add(prompt);
        rows.add(new float[][] {
            gaussians(queries * spec.queryElements()),
            gaussians(own * spec.keyElements()),
            gaussians(own * spec.valueElements())
        });
        return rows.get(rows.size() - 1);
    }

    int size() {
        return rows.size();
    }

    Dataset<Row> rows(int partitions) {
        List<Row> table = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            table.add(RowFactory.create((long) i, prompts.get(i), bytes(i, 0), bytes(i, 1), bytes(i, 2)));
        }
        return LocalSpark.table(table, ROWS, partitions);
    }

    private byte[] bytes(int row, int tensor) {
        return TestSequences.bytes(spec.type(), rows.get(row)[tensor]);
    }

    Histories prefixes() {
        List<Row> table = new ArrayList<>();
        prefixes.forEach((prompt, kv) -> table.add(RowFactory.create(
                prompt, TestSequences.bytes(spec.type(), kv[0]), TestSequences.bytes(spec.type(), kv[1]))));
        return Histories.prefixes(LocalSpark.table(table, PREFIXES, 2), "prompt");
    }

    /** Rows that have all of their keys themselves; none of a prompt without prefix. */
    Dataset<Row> whole() {
        List<Row> table = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            Long prompt = prompts.get(i);
            if (prompt != null && prefixes.containsKey(prompt)) {
                table.add(RowFactory.create(
                        (long) i,
                        prompt,
                        bytes(i, 0),
                        TestSequences.bytes(spec.type(), all(i, 0)),
                        TestSequences.bytes(spec.type(), all(i, 1))));
            }
        }
        return LocalSpark.table(table, ROWS, 2);
    }

    /** The keys (0) or values (1) of a row, those of its prefix first. */
    private float[] all(int row, int tensor) {
        float[] first = prefixes.get(prompts.get(row))[tensor];
        float[] own = rows.get(row)[1 + tensor];
        float[] all = Arrays.copyOf(first, first.length + own.length);
        System.arraycopy(own, 0, all, first.length, own.length);
        return all;
    }

    /** What attention gives for a row whose prompt has a prefix. */
    ReferenceAttention.Result expected(long id) {
        int row = (int) id;
        return ReferenceAttention.attend(spec, rows.get(row)[0], all(row, 0), all(row, 1));
    }

    private float[] gaussians(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = spec.type().round((float) random.nextGaussian());
        }
        return values;
    }
}
