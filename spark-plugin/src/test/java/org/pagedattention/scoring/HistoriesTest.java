package org.pagedattention.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.pagedattention.scoring.HistoryOptions.all;
import static org.pagedattention.scoring.HistoryOptions.options;
import static org.pagedattention.scoring.HistoryOptions.spec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.executor.Figure;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Tolerance;

class HistoriesTest {
    private static final AttentionSpec SPEC = spec(4, 2, ElementType.FP32, Mask.none());

    /** Whatever the shapes, masks, batches and pages: the bits that rows with copies of their own get. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void givesTheBitsOfRowsWithCopiesOfTheirOwn(long seed) {
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
        ElementType type = ElementType.values()[random.nextInt(3)];
        Mask mask = seed % 2 == 0 ? Mask.none() : masks[random.nextInt(masks.length)];
        AttentionSpec spec = new AttentionSpec(
                kvHeads << random.nextInt(3), kvHeads, 8, random.nextBoolean() ? 8 : 16, type, mask, 0.3f);
        HistoryTables data = new HistoryTables(spec, seed);
        int page = 8 << random.nextInt(4);
        int[] boundaries = {0, 1, page - 1, page, page + 1, 3 * page};
        for (long user = 0; user < 25; user++) {
            int tokens = random.nextBoolean() ? boundaries[random.nextInt(6)] : random.nextInt(200);
            data.history(user, tokens);
            int rows = random.nextInt(4) == 0 ? 0 : 1 + random.nextInt(user == 0 ? 60 : 9);
            for (int i = 0; i < rows; i++) {
                data.ask(user, 1, tokens == 0 ? 0 : random.nextInt(6));
            }
        }
        data.ask(77L, 5, 2).ask(null, 3, 1);
        Map<String, String> settings = new HashMap<>(Map.of(
                "spark.pagedAttention.page.size",
                String.valueOf(page),
                "spark.pagedAttention.page.layout",
                random.nextBoolean() ? "packed" : "padded",
                "spark.pagedAttention.onBadRow",
                "null"));
        switch (random.nextInt(4)) {
            case 0 -> settings.put("spark.pagedAttention.batch.maxSequences", "3");
            case 1 -> settings.put("spark.pagedAttention.batch.maxTokens", "100");
            case 2 -> settings.put("spark.pagedAttention.batch.maxBytes", "20k");
            default -> settings.put("spark.pagedAttention.gpu.deterministic", "true");
        }
        requireSame(data, all(spec, settings), 8);
    }

    @Test
    void oneHistoryHasOneQueryOrAThousand() {
        AttentionSpec spec = spec(1, 1, ElementType.FP16, Mask.causalBottomRight());
        for (AttentionSpec each : List.of(spec, spec(1, 1, ElementType.FP16, Mask.none()))) {
            HistoryTables data = new HistoryTables(each, 3)
                    .history(1, 40)
                    .history(2, 8192)
                    .history(3, 0)
                    .history(4, 8192)
                    .ask(1L, 1000, 1)
                    .ask(2L, 10, 8)
                    .ask(3L, 4, 0)
                    .ask(4L, 1, 1);
            requireSame(data, all(each, Map.of("spark.pagedAttention.batch.maxBytes", "64k")), 0);
        }
    }

    private static void requireSame(HistoryTables data, ScoringOptions options, int bad) {
        SequenceScorer scorer = new SequenceScorer(options);
        ScoredTable scored = scorer.scoreAndCount(data.queries(3), data.histories());
        Map<Long, Row> rows = byId(scored.rows());
        assertThat(rows).hasSize(data.queries.size());
        Map<Long, Row> unshared = byId(scorer.score(data.unshared()));
        assertThat(unshared).hasSize(data.queries.size() - bad);
        assertThat(scored.counters().rows().value()).isEqualTo(data.queries.size());
        rows.forEach((id, row) -> {
            Row alone = unshared.get(id);
            if (alone == null) {
                assertThat(row.<String>getAs("error")).as("row %s", id).matches("(no history|column user is null).*");
                assertThat(row.<Object>getAs("o")).isNull();
            } else {
                assertThat(row.<byte[]>getAs("o")).as("o of row %s", id).isEqualTo(alone.<byte[]>getAs("o"));
                assertThat(row.get(row.fieldIndex("lse")))
                        .as("lse of row %s", id)
                        .isEqualTo(alone.getAs("lse"));
                assertThat(row.get(row.fieldIndex("pooled"))).isEqualTo(alone.getAs("pooled"));
                assertThat(row.<Double>getAs("score")).isEqualTo(alone.<Double>getAs("score"));
                if (id % 7 == 0) {
                    TestSequences.assertClose(
                            "o",
                            data.expected(row).o(),
                            TestSequences.floats(data.spec.type(), row.getAs("o")),
                            Tolerance.of(data.spec.type()));
                }
            }
        });
    }

    @Test
    void aHistoryIsHeldOnceAndOneThatNobodyAsksNever() {
        HistoryTables data = new HistoryTables(SPEC, 4);
        for (long user = 0; user < 500; user++) {
            data.history(user, 30);
        }
        for (long user = 0; user < 10; user++) {
            data.ask(user, 6, 2);
        }
        ScoredTable scored =
                new SequenceScorer(options(SPEC, Map.of())).scoreAndCount(data.queries(2), data.histories());
        assertThat(scored.rows().collectAsList()).hasSize(60);
        assertThat(scored.counters().value(Figure.HISTORIES)).isEqualTo(10);
        assertThat(scored.counters().value(Figure.KV_TOKENS)).isEqualTo(300);
        assertThat(scored.counters().value(Figure.ASKED_TOKENS)).isEqualTo(1800);
        assertThat(scored.counters().value(Figure.SEQUENCES)).isEqualTo(60);
        // a filter of ten bits a key lets about one in a hundred pass
        assertThat(data.histories()
                        .with(data.queries(2), options(SPEC, Map.of()))
                        .where("is_history")
                        .count())
                .isBetween(10L, 30L);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aKeyWithManyRowsIsSplitOverTasks(long seed) {
        Random random = new Random(seed);
        HistoryTables data = new HistoryTables(spec(1, 1, ElementType.FP16, Mask.none()), seed);
        for (long user = 0; user < 60; user++) {
            data.history(user, 3);
        }
        for (int i = 0; i < 3000; i++) {
            data.ask(i % 5 < 2 ? 0L : random.nextLong(60), 1, 1);
        }
        Dataset<Row> together = data.histories()
                .with(data.queries(4), options(data.spec, Map.of()))
                .withColumn("task", functions.spark_partition_id());
        List<Long> rows = together.where("not is_history").groupBy("task").count().collectAsList().stream()
                .map(row -> row.getLong(1))
                .sorted()
                .toList();
        assertThat(rows).hasSize(6);
        assertThat(rows.get(5)).isLessThanOrEqualTo(2 * rows.get(3));
        List<Row> copies = together.where("is_history").select("c1", "task").collectAsList();
        assertThat(copies).doesNotHaveDuplicates();
        Set<Object> asked = together.where("not is_history").select("c1", "task").distinct().collectAsList().stream()
                .collect(Collectors.toSet());
        assertThat(asked).containsExactlyInAnyOrderElementsOf(new ArrayList<>(copies));
    }

    @Test
    void rowsWithoutAGoodHistoryAreBad() {
        HistoryTables data = new HistoryTables(SPEC, 5)
                .history(1, 4)
                .ask(1L, 3, 2)
                .ask(null, 1, 2)
                .ask(2L, 1, 2)
                .ask(3L, 2, 2)
                .ask(4L, 2, 2)
                .ask(5L, 2, 2)
                .ask(6L, 2, 2)
                .ask(7L, 1, 2)
                .ask(8L, 1, 2);
        float[][] good = {data.gaussians(4 * SPEC.keyElements()), data.gaussians(4 * SPEC.valueElements())};
        float[][] spoiled = {good[0].clone(), good[1].clone()};
        spoiled[1][5] = Float.NaN;
        float[][] uneven = {good[0], Arrays.copyOf(good[1], SPEC.valueElements())};
        List<Row> histories = List.of(
                data.row(1L, data.histories.get(1L)),
                data.row(null, good),
                data.row(3L, good),
                data.row(3L, good),
                data.row(4L, spoiled),
                data.row(5L, uneven),
                data.row(6L, new float[][] {{}, {}}),
                data.row(7L, new float[][] {{1}, {1}}),
                org.apache.spark.sql.RowFactory.create(8L, null, new byte[0], "at"));
        Histories table = data.histories(histories);
        List<Row> rows = new SequenceScorer(options(SPEC, Map.of("spark.pagedAttention.onBadRow", "null")))
                .score(data.queries(2), table)
                .collectAsList();
        Map<Object, List<String>> errors = new HashMap<>();
        rows.forEach(row -> errors.computeIfAbsent(row.getAs("user"), user -> new ArrayList<>())
                .add(String.valueOf(row.<String>getAs("error"))));
        assertThat(errors.get(1L)).hasSize(3).allMatch("null"::equals);
        assertThat(errors.get(null)).hasSize(1).allMatch(text -> text.startsWith("column user is null"));
        assertThat(errors.get(2L)).hasSize(1).allMatch(text -> text.startsWith("no history has the row's key"));
        assertThat(errors.get(3L)).hasSize(2).allMatch(text -> text.startsWith("several histories have the row's key"));
        assertThat(errors.get(4L))
                .hasSize(2)
                .allMatch(text -> text.contains("column v holds a value that is not finite"));
        assertThat(errors.get(5L)).hasSize(2).allMatch(text -> text.contains("k and v differ in length"));
        assertThat(errors.get(6L)).hasSize(2).allMatch(text -> text.contains("column k is empty"));
        assertThat(errors.get(7L)).hasSize(1).allMatch(text -> text.contains("k does not hold whole tokens"));
        assertThat(errors.get(8L)).hasSize(1).allMatch(text -> text.startsWith("the row's history: column k is null"));
        assertThatThrownBy(() -> new SequenceScorer(options(SPEC, Map.of()))
                        .score(data.queries(2).where("user = 2"), table)
                        .collectAsList())
                .hasStackTraceContaining("no history has the row's key in column user")
                .hasStackTraceContaining("{id=4, user=2}");
    }

    @Test
    void largeNumbersGoTheirOwnWay() {
        HistoryTables data = new HistoryTables(SPEC, 6).history(1, 5).history(2, 5);
        float[][] large = data.histories.get(2L);
        Arrays.fill(large[0], 1e38f);
        data.ask(1L, 3, 2).ask(2L, 3, 2);
        ScoredTable scored =
                new SequenceScorer(options(SPEC, Map.of())).scoreAndCount(data.queries(1), data.histories());
        for (Row row : scored.rows().collectAsList()) {
            TestSequences.assertClose(
                    "o",
                    data.expected(row).o(),
                    TestSequences.floats(ElementType.FP32, row.getAs("o")),
                    Tolerance.of(ElementType.FP32));
        }
        assertThat(scored.counters().value(Figure.EXACT_ROWS)).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({"string", "binary", "int", "'decimal(30,2)'", "date"})
    void keysMayBeOfManyTypes(String type) {
        HistoryTables data = new HistoryTables(SPEC, 7);
        for (long user = 0; user < 8; user++) {
            data.history(user, 3).ask(user, 4, 1);
        }
        String as =
                type.equals("date") ? "date_add(date'2026-01-01', cast(user as int))" : "cast(user as " + type + ")";
        as = type.equals("binary") ? "cast(concat('user ', user) as binary)" : as;
        Histories histories = data.histories();
        Dataset<Row> scored = new SequenceScorer(options(SPEC, Map.of()))
                .score(
                        data.queries(2).withColumn("u", functions.expr(as)),
                        new Histories(histories.table().withColumn("u", functions.expr(as)), "u"));
        assertThat(scored.columns()).containsExactly("id", "user", "u", "o");
        List<Row> rows = scored.collectAsList();
        assertThat(rows).hasSize(32);
        for (Row row : rows) {
            TestSequences.assertClose(
                    "o",
                    data.expected(row).o(),
                    TestSequences.floats(ElementType.FP32, row.getAs("o")),
                    Tolerance.of(ElementType.FP32));
        }
    }

    @Test
    void refusesTablesThatDoNotGoTogether() {
        HistoryTables data = new HistoryTables(SPEC, 8).history(1, 2).ask(1L, 1, 1);
        Dataset<Row> queries = data.queries(1);
        Dataset<Row> table = data.histories().table();
        requireRefused(queries, new Histories(table, "id"), "column 'id' is not in the histories");
        requireRefused(queries.drop("user"), new Histories(table, "user"), "column 'user' is not in the queries");
        requireRefused(queries, new Histories(table.drop("v"), "user"), "column 'v' is not in the histories");
        requireRefused(queries, new Histories(table, "q"), "must be columns of their own");
        requireRefused(
                queries,
                new Histories(table.withColumn("user", functions.expr("cast(user as int)")), "user"),
                "'user' is bigint in the queries and int in the histories: cast one");
        requireRefused(
                queries.withColumn("user", functions.expr("cast(user as double)")),
                new Histories(table.withColumn("user", functions.expr("cast(user as double)")), "user"),
                "'user' is double, which is no key");
    }

    private static void requireRefused(Dataset<Row> queries, Histories histories, String why) {
        assertThatThrownBy(() -> new SequenceScorer(options(SPEC, Map.of())).score(queries, histories))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }

    @Test
    void carriesColumnsOfAnyTypeAndTheirNames() {
        HistoryTables data = new HistoryTables(SPEC, 9).history(1, 2).ask(1L, 2000, 1);
        Dataset<Row> queries = data.queries(2)
                .withColumn("k", functions.lit("a k of its own"))
                .withColumn("task", functions.expr("map('a', id)"))
                .withColumn("is_history", functions.expr("named_struct('x', id, 'y', array(id))"));
        Dataset<Row> scored = new SequenceScorer(options(SPEC, Map.of())).score(queries, data.histories());
        assertThat(scored.columns()).containsExactly("id", "user", "k", "task", "is_history", "o");
        assertThat(scored.schema().apply("task")).isEqualTo(queries.schema().apply("task"));
        assertThat(scored.drop("o").collectAsList())
                .containsExactlyInAnyOrderElementsOf(queries.drop("q").collectAsList());
    }

    @Test
    void emptyTablesGiveEmptyOnes() {
        HistoryTables data = new HistoryTables(SPEC, 10).history(1, 2);
        assertThat(new SequenceScorer(options(SPEC, Map.of()))
                        .score(data.queries(1), data.histories())
                        .collectAsList())
                .isEmpty();
    }

    private static Map<Long, Row> byId(Dataset<Row> rows) {
        return rows.collectAsList().stream().collect(Collectors.toMap(row -> row.getAs("id"), row -> row));
    }
}
