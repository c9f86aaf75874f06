package org.pagedattention.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.attention.ReferenceAttention;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.executor.ExecutorMetrics;
import org.pagedattention.executor.Figure;
import org.pagedattention.request.Emit;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Tolerance;

/** Histories that many rows ask, on a GPU: as rows with copies of their own, with every mask and layout. */
@Tag("gpu")
class HistoriesOnGpuTest {

    @ParameterizedTest
    @CsvSource({
        "none, 0, FP16, packed, 64, 1",
        "none, 0, BF16, padded, 16, 2",
        "none, 0, FP16, padded, 128, 3",
        "causal, 0, FP16, packed, 64, 4",
        "causal, 0, BF16, padded, 32, 5",
        "causal, 20, FP16, packed, 16, 6",
        "causal-bottom-right, 0, FP16, packed, 64, 7",
        "causal-bottom-right, 0, BF16, padded, 64, 8",
        "causal-bottom-right, 50, FP16, padded, 16, 9"
    })
    void givesWhatTheReferenceGives(String mask, int window, ElementType type, String layout, int page, long seed) {
        Random random = new Random(seed);
        int kvHeads = 1 << random.nextInt(3);
        AttentionSpec spec = new AttentionSpec(
                kvHeads << random.nextInt(3), kvHeads, 64, 64, type, Mask.parse(mask, window), 0.125f);
        HistoryTables data = new HistoryTables(spec, seed);
        int[] lengths = {0, 1, page - 1, page, page + 1, 300, 1000, 4 * page};
        for (long user = 0; user < 24; user++) {
            int tokens = lengths[(int) user % lengths.length];
            data.history(user, tokens);
            for (int i = 0; i < (user == 5 ? 200 : random.nextInt(12)); i++) {
                data.ask(user, 1, tokens == 0 ? 0 : random.nextInt(9));
            }
        }
        Map<String, String> settings = Map.of(
                "spark.pagedAttention.page.size", String.valueOf(page), "spark.pagedAttention.page.layout", layout);
        List<Row> rows =
                scorer(spec, settings).score(data.queries(2), data.histories()).collectAsList();
        assertThat(rows).hasSize(data.queries.size());
        for (Row row : rows) {
            ReferenceAttention.Result expected = data.expected(row);
            String name = "row " + row.getAs("id");
            TestSequences.assertClose(
                    name, expected.o(), TestSequences.floats(type, row.getAs("o")), Tolerance.of(type));
            TestSequences.assertClose(
                    name, expected.lse(), TestSequences.floats(row, "lse"), new Tolerance(2e-3, 2e-3));
        }
    }

    @ParameterizedTest
    @CsvSource({"none", "causal", "causal-bottom-right"})
    void givesTheBitsOfCopiesWhereThatIsAskedFor(String mask) {
        AttentionSpec spec = new AttentionSpec(8, 2, 128, 128, ElementType.FP16, Mask.parse(mask, 0), 0.09f);
        HistoryTables data = new HistoryTables(spec, 1);
        for (long user = 0; user < 6; user++) {
            data.history(user, 100 + 130 * (int) user).ask(user, 20, 1 + (int) user);
        }
        SequenceScorer scorer = scorer(spec, Map.of("spark.pagedAttention.gpu.deterministic", "true"));
        Map<Object, byte[]> alone = bits(scorer.score(data.unshared()));
        bits(scorer.score(data.queries(2), data.histories()))
                .forEach((id, o) -> assertThat(o).as("row %s", id).isEqualTo(alone.get(id)));
    }

    /** A history goes to the device once, but for a few at the start, while nobody knows how many queries it has. */
    @ParameterizedTest
    @CsvSource({"none", "causal"})
    void aHistoryGoesToTheDeviceOnce(String mask) {
        AttentionSpec spec = new AttentionSpec(16, 8, 128, 128, ElementType.FP16, Mask.parse(mask, 0), 0.09f);
        HistoryTables data = new HistoryTables(spec, 2);
        for (long user = 0; user < 60; user++) {
            data.history(user, 1024).ask(user, 32, 1);
        }
        long before = copied();
        ScoredTable scored = scorer(spec, Map.of()).scoreAndCount(data.queries(2), data.histories());
        scored.rows().collectAsList();
        long history = 1024L * 2 * spec.keyElements() * 2;
        long queries = 60 * 32 * 2L * spec.queryElements() * 2;
        assertThat(scored.counters().value(Figure.HISTORIES)).isBetween(60L, 66L);
        assertThat(copied() - before).isLessThan((long) (1.12 * (60 * history + queries)));
    }

    @Test
    void overflowsStayWithTheirRow() {
        AttentionSpec spec = new AttentionSpec(2, 1, 64, 64, ElementType.FP16, Mask.none(), 0.125f);
        HistoryTables data = new HistoryTables(spec, 3).history(1, 200).history(2, 200);
        java.util.Arrays.fill(data.histories.get(2L)[1], 65504f);
        data.ask(1L, 10, 3).ask(2L, 10, 3);
        List<Row> rows =
                scorer(spec, Map.of()).score(data.queries(1), data.histories()).collectAsList();
        for (Row row : rows) {
            TestSequences.assertClose(
                    "row " + row.getAs("id"),
                    data.expected(row).o(),
                    TestSequences.floats(ElementType.FP16, row.getAs("o")),
                    Tolerance.of(ElementType.FP16));
        }
    }

    private static long copied() {
        return ExecutorMetrics.snapshot().get(Figure.BYTES_COPIED);
    }

    private static Map<Object, byte[]> bits(Dataset<Row> scored) {
        Map<Object, byte[]> bits = new HashMap<>();
        scored.collectAsList().forEach(row -> bits.put(row.getAs("id"), row.getAs("o")));
        return bits;
    }

    private static SequenceScorer scorer(AttentionSpec spec, Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.put("spark.pagedAttention.backend", "cudnn");
        return new SequenceScorer(ScoringOptions.builder(spec)
                .emit(Set.of(Emit.O, Emit.LSE))
                .conf(PagedAttentionConf.parse(all))
                .build());
    }
}
