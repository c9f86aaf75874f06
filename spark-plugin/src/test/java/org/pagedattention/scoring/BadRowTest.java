package org.pagedattention.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.pagedattention.tensor.ElementType.FP16;
import static org.pagedattention.tensor.ElementType.FP32;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.executor.Figure;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.tensor.ElementType;

class BadRowTest {
    private static final AttentionSpec SPEC = new AttentionSpec(2, 1, 2, 2, FP32, Mask.none(), 1);

    /** One bad row and what must be said of it. */
    record Case(
            String name,
            @Nullable Object q,
            @Nullable Object k,
            @Nullable Object v,
            boolean arrays,
            String... said) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Case> cases() {
        byte[] q = floats(1, 2, 3, 4);
        byte[] kv = floats(1, 2);
        Float[] hole = {1f, null, 3f, 4f};
        return List.of(
                new Case("null", null, kv, kv, false, "column q is null", "expected a tensor", "found null"),
                new Case(
                        "half a token",
                        floats(1, 2),
                        kv,
                        kv,
                        false,
                        "column q does not hold whole tokens",
                        "16 bytes",
                        "found 8"),
                new Case(
                        "odd bytes", q, new byte[7], kv, false, "column k does not hold whole tokens", "found 7 bytes"),
                new Case("k and v differ", q, floats(1, 2, 3, 4), kv, false, "2 key tokens and 1 value tokens"),
                new Case("no keys", q, new byte[0], new byte[0], false, "column k is empty", "1 query tokens"),
                new Case(
                        "nan",
                        q,
                        floats(1, Float.NaN),
                        kv,
                        false,
                        "column k holds a value that is not finite",
                        "found NaN at token 0"),
                new Case(
                        "infinity",
                        q,
                        kv,
                        floats(1, Float.POSITIVE_INFINITY),
                        false,
                        "column v",
                        "found Infinity at token 0"),
                new Case(
                        "half a token of floats",
                        new Float[] {1f, 2f},
                        new Float[] {1f, 2f},
                        new Float[] {1f, 2f},
                        true,
                        "column q does not hold whole tokens",
                        "a multiple of 4 floats ([tokens, 2 heads, 2]), found 2 floats"),
                new Case(
                        "null element",
                        hole,
                        new Float[] {1f, 2f},
                        new Float[] {1f, 2f},
                        true,
                        "column q has a null element"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void endsTheJobAndNamesTheRow(Case bad) {
        Dataset<Row> input = table(bad);
        Throwable thrown = catchThrowable(() -> scorer("fail").score(input).collectAsList());
        assertThat(thrown)
                .hasStackTraceContaining("bad row {id=1, name=row 1} (row 1 of partition 0)")
                .hasStackTraceContaining("if all are such, see that the options say what the table holds");
        for (String said : bad.said()) {
            assertThat(thrown).hasStackTraceContaining(said);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void keepsTheRowAndSaysWhyWhenAsked(Case bad) {
        SequenceScorer scorer = scorer("null");
        ScoredTable scored = scorer.scoreAndCount(table(bad));
        List<Row> rows = scored.rows().collectAsList();
        assertThat(rows).extracting(row -> row.getLong(0)).containsExactly(0L, 1L, 2L);
        for (Row row : rows) {
            boolean isBad = row.getLong(0) == 1;
            assertThat(row.isNullAt(2)).as("o is null").isEqualTo(isBad);
            assertThat(row.isNullAt(3)).as("error is null").isEqualTo(!isBad);
        }
        for (String said : bad.said()) {
            assertThat(rows.get(1).getString(3)).contains(said);
        }
        assertThat(scored.counters().value(Figure.BAD_ROWS)).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void putsTheWholeRowIntoQuarantineWhenAsked(Case bad, @TempDir Path folder) {
        PagedAttentionConf conf = PagedAttentionConf.parse(Map.of("spark.pagedAttention.onBadRow", "quarantine"));
        Quarantine quarantine = Quarantine.at(folder.resolve("bad").toString(), LocalSpark.SESSION);
        Dataset<Row> input = table(bad);
        SequenceScorer scorer =
                new SequenceScorer(ScoringOptions.builder(SPEC).conf(conf).build(), quarantine);
        String output = folder.resolve("good").toString();
        scorer.score(input).write().parquet(output);
        assertThat(quarantine.publish(input)).isEqualTo(1);
        List<Row> good = LocalSpark.SESSION.read().parquet(output).collectAsList();
        assertThat(good).extracting(row -> row.getLong(0)).containsExactly(0L, 2L);
        Dataset<Row> kept =
                LocalSpark.SESSION.read().parquet(folder.resolve("bad").toString());
        assertThat(kept.columns()).containsExactly("id", "name", "q", "k", "v", "error");
        assertThat(kept.drop("error").collectAsList())
                .isEqualTo(input.filter("id = 1").collectAsList());
        assertThat(kept.first().getString(5)).contains(bad.said());
        assertThat(folder).isDirectoryNotContaining("glob:**_bad-staging*");
    }

    @Test
    void quarantineNeedsAFreshPath(@TempDir Path folder) {
        assertThatThrownBy(() -> Quarantine.at(folder.toString(), LocalSpark.SESSION))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("quarantine path " + folder + " exists");
        assertThatThrownBy(() -> scorer("quarantine")).hasMessageContaining("give the scorer a Quarantine");
    }

    @Test
    void aValueBeyondTheComputeTypeIsBad() {
        byte[] large = floats(70000, 1);
        Case bad = new Case("overflow", floats(1, 2, 3, 4), floats(1, 2), large, false);
        ScoringOptions options = ScoringOptions.builder(SPEC).computeType(FP16).build();
        assertThatThrownBy(() -> new SequenceScorer(options).score(table(bad)).collectAsList())
                .hasStackTraceContaining("column v holds a value that is not finite in fp16")
                .hasStackTraceContaining("65504")
                .hasStackTraceContaining("found 70000.0 at token 0")
                .hasStackTraceContaining("option computeType");
    }

    @Test
    void anInfinityThatLeavesNoTraceInTheResultIsBad() {
        byte[] infinite = floats(Float.NEGATIVE_INFINITY, 1);
        // scores of -infinity: attention would leave these keys out, and find nothing wrong
        Case bad = new Case("infinity", floats(1, 2, 3, 4), infinite, floats(1, 2), false);
        assertThatThrownBy(() -> scorer("fail").score(table(bad)).collectAsList())
                .hasStackTraceContaining("column k holds a value that is not finite")
                .hasStackTraceContaining("found -Infinity at token 0");
    }

    @Test
    void aSequenceLargerThanMemoryIsBad() throws BadRow {
        ScoringOptions options = ScoringOptions.builder(SPEC).build();
        Case large = new Case("large", floats(new float[4000]), floats(1, 2), floats(1, 2), false);
        Dataset<Row> table = table(large);
        SequenceReader reader = new SequenceReader(AttentionPlan.of(table.schema(), options), SPEC, 100_000);
        List<InternalRow> rows = ((org.apache.spark.sql.classic.Dataset<Row>) table)
                .queryExecution()
                .toRdd()
                .toJavaRDD()
                .map(InternalRow::copy)
                .collect();
        assertThat(reader.read(rows.get(0)).lengths().queryTokens()).isEqualTo(1);
        assertThatThrownBy(() -> reader.read(rows.get(1)))
                .isInstanceOf(BadRow.class)
                .hasMessageContaining("at most 50000 bytes of heap")
                .hasMessageContaining("found 64032 bytes")
                .hasMessageContaining("spark.executor.memory");
    }

    private static SequenceScorer scorer(String policy) {
        PagedAttentionConf conf = PagedAttentionConf.parse(Map.of("spark.pagedAttention.onBadRow", policy));
        return new SequenceScorer(ScoringOptions.builder(SPEC).conf(conf).build());
    }

    private static Dataset<Row> table(Case bad) {
        DataType type = bad.arrays() ? DataTypes.createArrayType(DataTypes.FloatType) : DataTypes.BinaryType;
        StructType schema = new StructType()
                .add("id", "long")
                .add("name", "string")
                .add("q", type)
                .add("k", type)
                .add("v", type);
        List<Row> rows = new ArrayList<>();
        for (long id = 0; id < 3; id++) {
            rows.add(id == 1 ? RowFactory.create(id, "row 1", bad.q(), bad.k(), bad.v()) : good(id, bad.arrays()));
        }
        return LocalSpark.table(rows, schema);
    }

    private static Row good(long id, boolean arrays) {
        float[] q = {1, 2, 3, 4};
        float[] kv = {5, 6};
        return arrays
                ? RowFactory.create(id, "row", q, kv, kv)
                : RowFactory.create(id, "row", floats(q), floats(kv), floats(kv));
    }

    private static byte[] floats(float... values) {
        return TestSequences.bytes(ElementType.FP32, values);
    }

    private static Throwable catchThrowable(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        return org.assertj.core.api.Assertions.catchThrowable(call);
    }
}
