package org.pagedattention.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.pagedattention.scoring.HistoryOptions.spec;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.executor.Figure;
import org.pagedattention.request.Emit;
import org.pagedattention.request.LinearHead;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Tolerance;

class DedupeTest {

    /** Rows that begin alike up to anywhere get the bits that they get without being looked at. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void givesTheBitsOfRowsThatShareNothing(long seed) {
        Random random = new Random(seed);
        Mask[] masks = {
            Mask.none(),
            Mask.causal(),
            Mask.causalBottomRight(),
            Mask.none().withWindow(7),
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
        int page = 8 << random.nextInt(3);
        PrefixTables data = new PrefixTables(spec, seed);
        for (long prompt = 0; prompt < 6; prompt++) {
            data.prefix(prompt, random.nextInt(4) * page + random.nextInt(2) * random.nextInt(page));
        }
        for (int i = 0; i < 150; i++) {
            long prompt = random.nextInt(6);
            int own = random.nextInt(3) == 0 ? 0 : random.nextInt(2 * page);
            boolean empty = own == 0 && data.prefixes.get(prompt)[0].length == 0;
            data.row(prompt, empty ? 0 : random.nextInt(4), own);
        }
        Map<String, String> settings = new HashMap<>(Map.of(
                "spark.pagedAttention.page.size",
                String.valueOf(page),
                "spark.pagedAttention.page.layout",
                seed % 2 == 0 ? "packed" : "padded"));
        switch (random.nextInt(4)) {
            case 0 -> settings.put("spark.pagedAttention.batch.maxSequences", "7");
            case 1 -> settings.put("spark.pagedAttention.batch.maxTokens", "300");
            case 2 -> settings.put("spark.pagedAttention.batch.maxBytes", "50k");
            default -> settings.put("spark.pagedAttention.gpu.deterministic", "true");
        }
        ScoredTable scored = new SequenceScorer(options(spec, settings, true)).scoreAndCount(data.whole());
        Map<Long, Row> deduped = byId(scored.rows());
        Map<Long, Row> plain = byId(new SequenceScorer(options(spec, settings, false)).score(data.whole()));
        assertThat(deduped).hasSize(150);
        deduped.forEach((id, row) -> {
            assertThat(row.<byte[]>getAs("o"))
                    .as("o of row %s", id)
                    .isEqualTo(plain.get(id).<byte[]>getAs("o"));
            for (String column : List.of("lse", "pooled", "score")) {
                assertThat(row.<Object>getAs(column))
                        .as("%s of row %s", column, id)
                        .isEqualTo(plain.get(id).getAs(column));
            }
        });
        long given = scored.counters().value(Figure.PAGES_GIVEN);
        assertThat(scored.counters().value(Figure.PAGES_HELD)).isLessThan(given);
        assertThat(scored.counters().value(Figure.KV_TOKENS))
                .isLessThan(scored.counters().value(Figure.ASKED_TOKENS));
        assertThat(scored.counters().value(Figure.SEQUENCES)).isEqualTo(150);
    }

    @Test
    void whatIsEqualLiesThereOnce() {
        AttentionSpec spec = spec(2, 1, ElementType.FP16, Mask.none());
        PrefixTables data = new PrefixTables(spec, 3).prefix(1, 40);
        for (int i = 0; i < 25; i++) {
            data.row(1L, 2, 0);
        }
        ScoredTable scored = new SequenceScorer(options(spec, Map.of("spark.pagedAttention.page.size", "16"), true))
                .scoreAndCount(data.whole().coalesce(1));
        scored.rows().collectAsList();
        assertThat(scored.counters().value(Figure.PAGES_GIVEN)).isEqualTo(75);
        assertThat(scored.counters().value(Figure.PAGES_HELD)).isEqualTo(3);
        assertThat(scored.counters().value(Figure.KV_TOKENS)).isEqualTo(40);
    }

    /** Rows that are bad or too large for fp32 leave the pages of others alone. */
    @Test
    void badAndLargeRowsAreWhatTheyAre() {
        AttentionSpec spec = spec(4, 2, ElementType.FP32, Mask.causal());
        PrefixTables data = new PrefixTables(spec, 4).prefix(1, 64).prefix(2, 64);
        Arrays.fill(data.prefixes.get(2L)[0], 1e38f);
        for (int i = 0; i < 4; i++) {
            data.row(1L, 2, 70);
            data.row(2L, 2, 3);
        }
        data.row(1L, 2, 70)[1][600] = Float.NaN;
        data.row(1L, 2, 70);
        ScoredTable scored = new SequenceScorer(options(spec, Map.of("spark.pagedAttention.onBadRow", "null"), true))
                .scoreAndCount(data.whole().coalesce(1));
        Map<Long, Row> rows = byId(scored.rows());
        assertThat(rows.remove(8L).<String>getAs("error")).contains("column k holds a value that is not finite");
        rows.forEach((id, row) -> TestSequences.assertClose(
                "row " + id,
                data.expected(id).o(),
                TestSequences.floats(ElementType.FP32, row.getAs("o")),
                Tolerance.of(ElementType.FP32)));
        assertThat(rows).hasSize(9);
    }

    /** The batch that a bad row opened has room for rows like that one, and not for all that follow. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aLongRowBehindABadOneFindsRoom(boolean dedupe) {
        AttentionSpec spec = spec(2, 1, ElementType.FP16, Mask.none());
        PrefixTables data = new PrefixTables(spec, 6).prefix(1, 0);
        data.row(1L, 1, 1)[0][0] = Float.NaN;
        data.row(1L, 900, 900);
        Map<Long, Row> rows = byId(new SequenceScorer(options(
                        spec,
                        Map.of("spark.pagedAttention.onBadRow", "null", "spark.pagedAttention.batch.maxBytes", "1k"),
                        dedupe))
                .score(data.whole().coalesce(1)));
        assertThat(rows.get(0L).<String>getAs("error")).contains("column q holds a value that is not finite");
        TestSequences.assertClose(
                "o",
                data.expected(1).o(),
                TestSequences.floats(ElementType.FP16, rows.get(1L).getAs("o")),
                Tolerance.of(ElementType.FP16));
    }

    @Test
    void aKeySaysMore() {
        AttentionSpec spec = spec(2, 1, ElementType.FP16, Mask.none());
        PrefixTables data = new PrefixTables(spec, 5).prefix(1, 4);
        data.row(1L, 1, 1);
        assertThatThrownBy(() -> new SequenceScorer(options(spec, Map.of(), true)).score(data.rows(1), data.prefixes()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("option dedupe finds what rows of one table begin with");
    }

    static ScoringOptions options(AttentionSpec spec, Map<String, String> settings, boolean dedupe) {
        float[] weights = new float[spec.outputElements()];
        Arrays.fill(weights, 0.5f);
        return ScoringOptions.builder(spec)
                .emit(EnumSet.allOf(Emit.class))
                .head(new LinearHead(weights, 0.25, LinearHead.Activation.NONE))
                .dedupe(dedupe)
                .conf(PagedAttentionConf.parse(settings))
                .build();
    }

    private static Map<Long, Row> byId(Dataset<Row> rows) {
        return rows.collectAsList().stream().collect(Collectors.toMap(row -> row.getAs("id"), row -> row));
    }
}
