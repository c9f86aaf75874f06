package org.pagedattention.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.pagedattention.scoring.HistoryOptions.all;
import static org.pagedattention.scoring.HistoryOptions.options;
import static org.pagedattention.scoring.HistoryOptions.spec;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.executor.Figure;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Tolerance;

class PrefixesTest {
    private static final AttentionSpec SPEC = spec(4, 2, ElementType.FP32, Mask.causalBottomRight());

    /** Whatever the shapes, masks, batches and pages: the bits of rows that have all their keys themselves. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void givesTheBitsOfRowsWithAllKeysInThemselves(long seed) {
        Random random = new Random(seed);
        Mask[] masks = {
            Mask.none(),
            Mask.causal(),
            Mask.causalBottomRight(),
            Mask.none().withWindow(7),
            Mask.causal().withWindow(9),
            Mask.causalBottomRight().withWindow(33)
        };
        int kvHeads = 1 << random.nextInt(3);
        AttentionSpec spec = new AttentionSpec(
                kvHeads << random.nextInt(3),
                kvHeads,
                8,
                random.nextBoolean() ? 8 : 16,
                ElementType.values()[random.nextInt(3)],
                masks[(int) seed % masks.length],
                0.3f);
        int page = 8 << random.nextInt(4);
        PrefixTables data = new PrefixTables(spec, seed);
        int[] boundaries = {0, 1, page - 1, page, page + 1, 3 * page, 3 * page + 2};
        for (long prompt = 0; prompt < 20; prompt++) {
            int prefix = random.nextBoolean() ? boundaries[random.nextInt(7)] : random.nextInt(200);
            data.prefix(prompt, prefix);
            int rows = random.nextInt(4) == 0 ? 0 : 1 + random.nextInt(prompt == 0 ? 60 : 9);
            for (int i = 0; i < rows; i++) {
                int own = random.nextInt(3) == 0 ? random.nextInt(2) : random.nextInt(3 * page);
                data.row(prompt, prefix + own == 0 ? 0 : random.nextInt(6), own);
            }
        }
        data.row(77L, 2, 3);
        data.row(null, 1, 4);
        Map<String, String> settings = new HashMap<>(Map.of(
                "spark.pagedAttention.page.size",
                String.valueOf(page),
                "spark.pagedAttention.page.layout",
                seed % 2 == 0 ? "packed" : "padded",
                "spark.pagedAttention.onBadRow",
                "null"));
        switch (random.nextInt(4)) {
            case 0 -> settings.put("spark.pagedAttention.batch.maxSequences", "3");
            case 1 -> settings.put("spark.pagedAttention.batch.maxTokens", "300");
            case 2 -> settings.put("spark.pagedAttention.batch.maxBytes", "20k");
            default -> settings.put("spark.pagedAttention.gpu.deterministic", "true");
        }
        SequenceScorer scorer = new SequenceScorer(all(spec, settings));
        Map<Long, Row> scored = byId(scorer.score(data.rows(3), data.prefixes()));
        Map<Long, Row> whole = byId(scorer.score(data.whole()));
        assertThat(scored).hasSize(data.size());
        assertThat(whole).hasSize(data.size() - 2);
        scored.forEach((id, row) -> requireSame(data, row, whole.get(id)));
    }

    private static void requireSame(PrefixTables data, Row row, Row whole) {
        long id = row.getAs("id");
        if (whole == null) {
            assertThat(row.<String>getAs("error")).matches("(no prefix has|column prompt is null).*");
            return;
        }
        assertThat(row.<String>getAs("error")).as("row %s", id).isNull();
        assertThat(row.<byte[]>getAs("o")).as("o of row %s", id).isEqualTo(whole.<byte[]>getAs("o"));
        for (String column : List.of("lse", "pooled", "score")) {
            assertThat(row.<Object>getAs(column)).as("%s of row %s", column, id).isEqualTo(whole.getAs(column));
        }
        if (id % 5 == 0) {
            TestSequences.assertClose(
                    "o",
                    data.expected(id).o(),
                    TestSequences.floats(data.spec.type(), row.getAs("o")),
                    Tolerance.of(data.spec.type()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"packed", "padded"})
    void aPrefixIsHeldOnceAndWhatIsLeftOfItInEachRow(String layout) {
        PrefixTables data =
                new PrefixTables(SPEC, 2).prefix(1, 100).prefix(2, 64).prefix(3, 50);
        for (int i = 0; i < 10; i++) {
            data.row(1L, 1, 5);
            data.row(2L, 1, 5);
        }
        ScoredTable scored = new SequenceScorer(options(
                        SPEC,
                        Map.of("spark.pagedAttention.page.size", "32", "spark.pagedAttention.page.layout", layout)))
                .scoreAndCount(data.rows(1).repartition(1), data.prefixes());
        assertThat(scored.rows().collectAsList()).hasSize(20);
        long tasks = scored.counters().value(Figure.HISTORIES);
        // several tasks may have rows of a prefix
        assertThat(tasks).isBetween(2L, 6L);
        assertThat(scored.counters().value(Figure.ASKED_TOKENS)).isEqualTo(10 * 105 + 10 * 69);
        long own = 10 * (100 % 32 + 5) + 10 * 5;
        assertThat(scored.counters().value(Figure.KV_TOKENS) - own).isBetween(2 * 64L, tasks * 100);
        assertThat(scored.counters().value(Figure.PAGES_GIVEN)).isEqualTo(10 * 4 + 10 * 3);
        assertThat(scored.counters().value(Figure.PAGES_HELD)).isLessThan(20 + 4 * tasks + 1);
    }

    @Test
    void rowsWithoutAGoodPrefixAreBad() {
        PrefixTables data = new PrefixTables(SPEC, 3)
                .prefix(1, 40)
                .prefix(2, 40)
                .prefix(3, 40)
                .prefix(4, 0);
        data.row(1L, 2, 3);
        data.prefixes.get(2L)[0][17] = Float.NaN;
        data.row(2L, 2, 3);
        float[][] shortened = data.prefixes.get(3L);
        shortened[1] = Arrays.copyOf(shortened[1], SPEC.valueElements());
        data.row(3L, 2, 3);
        data.row(4L, 2, 0);
        data.row(1L, 2, 3)[2][1] = Float.POSITIVE_INFINITY;
        float[][] uneven = data.row(1L, 2, 3);
        uneven[2] = Arrays.copyOf(uneven[2], SPEC.valueElements());
        data.row(5L, 2, 3);
        data.row(1L, 2, 3);
        Map<Long, Row> rows = byId(new SequenceScorer(options(SPEC, Map.of("spark.pagedAttention.onBadRow", "null")))
                .score(data.rows(2), data.prefixes()));
        assertThat(rows.get(0L).<String>getAs("error")).isNull();
        assertThat(rows.get(1L).<String>getAs("error"))
                .startsWith("the row's prefix: column k holds a value that is not finite")
                .contains("NaN at token 1");
        assertThat(rows.get(2L).<String>getAs("error")).contains("k and v of the row's prefix differ in length");
        assertThat(rows.get(3L).<String>getAs("error")).contains("column k is empty");
        assertThat(rows.get(4L).<String>getAs("error"))
                .startsWith("column v holds a value that is not finite")
                .contains("Infinity at token 0");
        assertThat(rows.get(5L).<String>getAs("error")).contains("columns k and v differ in length");
        assertThat(rows.get(6L).<String>getAs("error")).startsWith("no prefix has the row's key in column prompt");
        assertThat(rows.get(7L).<String>getAs("error")).isNull();
        assertThatThrownBy(() -> new SequenceScorer(options(SPEC, Map.of()))
                        .score(data.rows(2).where("prompt = 5"), data.prefixes())
                        .collectAsList())
                .hasStackTraceContaining("no prefix has the row's key in column prompt");
    }

    /** In the prefix or in the row: what fp32 is too small for is done in fp64, over both. */
    @Test
    void largeNumbersGoTheirOwnWay() {
        PrefixTables data = new PrefixTables(SPEC, 4).prefix(1, 40).prefix(2, 40);
        Arrays.fill(data.prefixes.get(2L)[0], 1e38f);
        for (int i = 0; i < 3; i++) {
            data.row(1L, 2, 3);
            data.row(2L, 2, 3);
        }
        Arrays.fill(data.row(1L, 2, 3)[1], 1e38f);
        ScoredTable scored = new SequenceScorer(options(SPEC, Map.of())).scoreAndCount(data.rows(1), data.prefixes());
        List<Row> rows = scored.rows().collectAsList();
        assertThat(rows).hasSize(7);
        for (Row row : rows) {
            TestSequences.assertClose(
                    "row " + row.getAs("id"),
                    data.expected(row.getAs("id")).o(),
                    TestSequences.floats(ElementType.FP32, row.getAs("o")),
                    Tolerance.of(ElementType.FP32));
        }
        assertThat(scored.counters().value(Figure.EXACT_ROWS)).isEqualTo(4);
    }

    /** One table may store tensors as the other does not. */
    @Test
    void prefixesMayBeArraysWhereRowsAreBinary() {
        AttentionSpec spec = spec(2, 1, ElementType.FP16, Mask.causalBottomRight());
        PrefixTables data = new PrefixTables(spec, 5).prefix(1, 70);
        Arrays.fill(data.prefixes.get(1L)[0], 60000f);
        float[] large = data.row(1L, 2, 30)[0];
        Arrays.fill(large, 60000f);
        Dataset<Row> arrays = data.prefixes()
                .table()
                .withColumn("k", functions.array_repeat(functions.lit(60000f), 70 * spec.keyElements()))
                .withColumn("v", functions.array_repeat(functions.lit(0.5f), 70 * spec.valueElements()));
        Arrays.fill(data.prefixes.get(1L)[1], 0.5f);
        Row row = new SequenceScorer(options(spec, Map.of()))
                .score(data.rows(1), Histories.prefixes(arrays, "prompt"))
                .first();
        TestSequences.assertClose(
                "o",
                data.expected(0).o(),
                TestSequences.floats(ElementType.FP16, row.getAs("o")),
                Tolerance.of(ElementType.FP16));
    }

    @Test
    void rowsComeOutWithoutTheirTensors() {
        PrefixTables data = new PrefixTables(SPEC, 6).prefix(1, 5);
        data.row(1L, 1, 1);
        SequenceScorer scorer = new SequenceScorer(options(SPEC, Map.of()));
        assertThat(scorer.score(data.rows(1), data.prefixes()).columns()).containsExactly("id", "prompt", "o");
        assertThatThrownBy(() -> scorer.score(data.rows(1).drop("k"), data.prefixes()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("column 'k' is not in");
        assertThatThrownBy(() -> scorer.score(data.rows(1), Histories.prefixes(data.rows(1), "k")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must be columns of their own");
        assertThat(data.prefixes().sharing(options(SPEC, Map.of()))).contains("full pages of its prefix");
    }

    private static Map<Long, Row> byId(Dataset<Row> rows) {
        return rows.collectAsList().stream().collect(Collectors.toMap(row -> row.getAs("id"), row -> row));
    }
}
