package org.pagedattention.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
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

/** Rows that begin with the same keys on a GPU, by a key or found by their bytes: as if each had all keys itself. */
@Tag("gpu")
class SharedPagesOnGpuTest {

    @ParameterizedTest
    @CsvSource({
        "none, 0, FP16, packed, 64, 1",
        "none, 0, BF16, padded, 16, 2",
        "causal, 0, FP16, packed, 16, 3",
        "causal, 30, BF16, padded, 32, 4",
        "causal-bottom-right, 0, FP16, packed, 64, 5",
        "causal-bottom-right, 0, BF16, padded, 128, 6",
        "causal-bottom-right, 50, FP16, packed, 16, 7",
        "causal-bottom-right, 0, FP32, padded, 64, 8"
    })
    void givesWhatTheReferenceGives(String mask, int window, ElementType type, String layout, int page, long seed) {
        Random random = new Random(seed);
        int kvHeads = 1 << random.nextInt(3);
        AttentionSpec spec = new AttentionSpec(
                kvHeads << random.nextInt(3), kvHeads, 64, 64, type, Mask.parse(mask, window), 0.125f);
        PrefixTables data = new PrefixTables(spec, seed);
        int[] lengths = {0, 1, page - 1, page, page + 1, 300, 1000, 4 * page};
        for (long prompt = 0; prompt < 16; prompt++) {
            data.prefix(prompt, lengths[(int) prompt % lengths.length]);
            for (int i = 0; i < (prompt == 5 ? 150 : random.nextInt(12)); i++) {
                int own = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(2 * page);
                boolean empty = own == 0 && data.prefixes.get(prompt)[0].length == 0;
                data.row(prompt, empty ? 0 : random.nextInt(9), own);
            }
        }
        Map<String, String> settings = Map.of(
                "spark.pagedAttention.page.size", String.valueOf(page), "spark.pagedAttention.page.layout", layout);
        requireRight(data, scorer(spec, settings, false).score(data.rows(2), data.prefixes()));
        requireRight(data, scorer(spec, settings, true).score(data.whole()));
    }

    private static void requireRight(PrefixTables data, Dataset<Row> scored) {
        ElementType type = data.spec.type();
        Tolerance tolerance = Tolerance.of(type == ElementType.FP32 ? ElementType.BF16 : type);
        List<Row> rows = scored.collectAsList();
        assertThat(rows).hasSize(data.size());
        for (Row row : rows) {
            ReferenceAttention.Result expected = data.expected(row.getAs("id"));
            String name = "row " + row.getAs("id");
            TestSequences.assertClose(name, expected.o(), TestSequences.floats(type, row.getAs("o")), tolerance);
            TestSequences.assertClose(
                    name,
                    expected.lse(),
                    TestSequences.floats(row, "lse"),
                    type == ElementType.FP32 ? new Tolerance(2e-2, 2e-2) : new Tolerance(2e-3, 2e-3));
        }
    }

    @ParameterizedTest
    @CsvSource({"none", "causal", "causal-bottom-right"})
    void givesTheBitsOfRowsWithAllKeysWhereThatIsAskedFor(String mask) {
        AttentionSpec spec = new AttentionSpec(8, 2, 128, 128, ElementType.FP16, Mask.parse(mask, 0), 0.09f);
        PrefixTables data = new PrefixTables(spec, 1);
        for (long prompt = 0; prompt < 6; prompt++) {
            data.prefix(prompt, 100 + 130 * (int) prompt);
            for (int i = 0; i < 20; i++) {
                data.row(prompt, 1 + (int) prompt, 7 * i);
            }
        }
        Map<String, String> settings = Map.of("spark.pagedAttention.gpu.deterministic", "true");
        Map<Object, byte[]> alone = bits(scorer(spec, settings, false).score(data.whole()));
        Map<Object, byte[]> prefixed = bits(scorer(spec, settings, false).score(data.rows(2), data.prefixes()));
        Map<Object, byte[]> deduped = bits(scorer(spec, settings, true).score(data.whole()));
        alone.forEach((id, o) -> {
            assertThat(prefixed.get(id)).as("row %s behind its prefix", id).isEqualTo(o);
            assertThat(deduped.get(id)).as("row %s, deduped", id).isEqualTo(o);
        });
    }

    /** Neither a prefix without rows nor a copy of what is there goes to the device. */
    @Test
    void whatIsSharedGoesToTheDeviceOnce() {
        AttentionSpec spec = new AttentionSpec(16, 8, 128, 128, ElementType.FP16, Mask.causalBottomRight(), 0.09f);
        PrefixTables data = new PrefixTables(spec, 2);
        for (long prompt = 0; prompt < 80; prompt++) {
            data.prefix(prompt, 1024);
            for (int i = 0; prompt < 20 && i < 32; i++) {
                data.row(prompt, 1, 1);
            }
        }
        long tokenBytes = 2L * spec.keyElements() * 2;
        long rowBytes = 20 * 32 * (tokenBytes + 2L * spec.queryElements());
        long before = uploaded();
        scorer(spec, Map.of(), false).score(data.rows(1), data.prefixes()).collectAsList();
        assertThat(uploaded() - before).isLessThan((long) (1.2 * (20 * 1024 * tokenBytes + rowBytes)));
        before = uploaded();
        // pages live as long as a batch, and all of them are more than one holds: rows that begin alike come together
        scorer(spec, Map.of(), true)
                .score(data.whole().coalesce(1).sortWithinPartitions("id"))
                .collectAsList();
        assertThat(uploaded() - before).isLessThan((long) (1.4 * (20 * 1024 * tokenBytes + rowBytes)));
    }

    /** Rows without a history, and histories without rows, cost the device nothing. */
    @Test
    void whatNobodyAsksNeverGoesToTheDevice() {
        AttentionSpec spec = new AttentionSpec(16, 8, 128, 128, ElementType.FP16, Mask.none(), 0.09f);
        HistoryTables data = new HistoryTables(spec, 3);
        for (long user = 0; user < 400; user++) {
            data.history(user, 512);
        }
        data.ask(1_000L, 50, 4).ask(null, 50, 4);
        SequenceScorer scorer = new SequenceScorer(ScoringOptions.builder(spec)
                .conf(PagedAttentionConf.parse(
                        Map.of("spark.pagedAttention.backend", "cudnn", "spark.pagedAttention.onBadRow", "null")))
                .build());
        long before = uploaded();
        assertThat(scorer.score(data.queries(2), data.histories()).collectAsList())
                .hasSize(100)
                .allMatch(row -> row.isNullAt(row.fieldIndex("o")));
        assertThat(uploaded() - before).isZero();
        data.ask(7L, 8, 4);
        scorer.score(data.queries(2), data.histories()).collectAsList();
        long history = 512L * 2 * spec.keyElements() * 2;
        long queries = 8 * 4 * 2L * spec.queryElements();
        // a task each for pieces of the only key that is asked, and tables of pages beside it
        assertThat(uploaded() - before).isLessThan(8 * history + queries + (1 << 20));
    }

    private static long uploaded() {
        return ExecutorMetrics.snapshot().get(Figure.BYTES_TO_DEVICE);
    }

    private static Map<Object, byte[]> bits(Dataset<Row> scored) {
        return scored.collectAsList().stream().collect(Collectors.toMap(row -> row.getAs("id"), row -> row.getAs("o")));
    }

    private static SequenceScorer scorer(AttentionSpec spec, Map<String, String> settings, boolean dedupe) {
        Map<String, String> all = new HashMap<>(settings);
        all.put("spark.pagedAttention.backend", "cudnn");
        Set<Emit> emit = EnumSet.of(Emit.O, Emit.LSE);
        return new SequenceScorer(ScoringOptions.builder(spec)
                .emit(emit)
                .dedupe(dedupe)
                .conf(PagedAttentionConf.parse(all))
                .build());
    }
}
