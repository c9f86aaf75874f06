package org.pagedattention.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.executor.Figure;
import org.pagedattention.request.Emit;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.tensor.ElementType;

/** Numbers that fp32 is too small for, on the way to results that it holds. */
class LargeNumbersTest {
    private static final float LOW = -Float.MAX_VALUE;
    private static final AttentionSpec SPEC = new AttentionSpec(1, 1, 4, 4, ElementType.FP32, Mask.none(), 1);

    private final List<Row> rows = new ArrayList<>();
    private final StructType schema = new StructType()
            .add("id", "long")
            .add("q", "binary")
            .add("k", "binary")
            .add("v", "binary");

    @ParameterizedTest
    @ValueSource(strings = {"auto", "scalar"})
    void noKeyLosesItsWeight(String kernel) {
        // both scores -1e50
        row(ElementType.FP32, at(1e25f, 0, 0, 0), at(-1e25f, 0, 0, 0, -1e25f, 0, 0, 0), at(1, 1, 1, 1, 3, 3, 3, 3));
        // scores of 5, 1 and 2, whose sums pass -1e40
        row(
                ElementType.FP32,
                at(1e20f, 1e20f, 1, 0),
                at(-1e20f, 1e20f, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0),
                at(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0));
        // the lowest score that fp32 has, twice
        row(ElementType.FP32, at(1, 0, 0, 0), at(LOW, 0, 0, 0, LOW, 0, 0, 0), at(1, 1, 1, 1, 3, 3, 3, 3));
        // one key far above fp32's range beside one far below
        row(ElementType.FP32, at(1e30f, 0, 0, 0), at(-1e30f, 0, 0, 0, 1e30f, 0, 0, 0), at(1, 1, 1, 1, 3, 3, 3, 3));
        // a large key for a small query
        row(ElementType.FP32, at(1e-30f, 0, 0, 0), at(1e30f, 0, 0, 0, 1e30f, 0, 0, 0), at(1, 1, 1, 1, 3, 3, 3, 3));
        SequenceScorer scorer = scorer(SPEC, null, kernel, "fail", EnumSet.of(Emit.O));
        ScoredTable scored = scorer.scoreAndCount(table());
        List<float[]> o = o(scored.rows(), ElementType.FP32);
        double sum = Math.exp(0) + Math.exp(-4) + Math.exp(-3);
        assertThat(o.get(0)).containsOnly(2);
        assertThat(o.get(1))
                .usingComparatorWithPrecision(1e-6f)
                .containsExactly((float) (1 / sum), (float) (Math.exp(-4) / sum), (float) (Math.exp(-3) / sum), 0);
        assertThat(o.get(2)).containsOnly(2);
        assertThat(o.get(3)).containsOnly(3);
        assertThat(o.get(4)).containsOnly(2);
        assertThat(scored.counters().value(Figure.EXACT_ROWS)).isEqualTo(4);
        assertThat(scored.counters().value(Figure.SEQUENCES)).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "scalar"})
    void aLogSumExpBeyondFp32IsBad(String kernel) {
        row(ElementType.FP32, at(1e25f, 0, 0, 0), at(-1e25f, 0, 0, 0), at(1, 1, 1, 1));
        row(ElementType.FP32, at(1, 0, 0, 0), at(LOW, 0, 0, 0), at(1, 1, 1, 1));
        SequenceScorer scorer = scorer(SPEC, null, kernel, "null", EnumSet.of(Emit.LSE));
        ScoredTable table = scorer.scoreAndCount(table());
        List<Row> scored = table.rows().collectAsList();
        assertThat(scored.get(0).isNullAt(1)).isTrue();
        assertThat(scored.get(0).getString(2))
                .contains("the log-sum-exp overflows fp32")
                .contains("found a log-sum-exp of -9.99");
        assertThat(TestSequences.floats(scored.get(1), "lse")).containsExactly(LOW);
        assertThat(scored.get(1).isNullAt(2)).isTrue();
        assertThat(table.counters().value(Figure.BAD_ROWS)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "scalar"})
    void sumsOfLargeValuesComeOutWhereTheirMeanFits(String kernel) {
        float most = Float.MAX_VALUE;
        row(
                ElementType.FP32,
                at(0, 0, 0, 0),
                at(new float[12]),
                at(most, LOW, most, 1, most, LOW, LOW, 1, most, LOW, 0, 1));
        SequenceScorer scorer = scorer(SPEC, null, kernel, "fail", EnumSet.of(Emit.O));
        float[] o = o(scorer.score(table()), ElementType.FP32).get(0);
        assertThat(o[0]).isCloseTo(most, within(most * 1e-6f));
        assertThat(o[1]).isCloseTo(LOW, within(most * 1e-6f));
        assertThat(o[2]).isCloseTo(0, within(most * 1e-6f));
        assertThat(o[3]).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "scalar"})
    void bf16ReachesAsFar(String kernel) {
        AttentionSpec spec = SPEC.withType(ElementType.BF16);
        row(ElementType.BF16, at(1e25f, 0, 0, 0), at(-1e25f, 0, 0, 0, -1e25f, 0, 0, 0), at(1, 1, 1, 1, 3, 3, 3, 3));
        SequenceScorer scorer = scorer(spec, null, kernel, "fail", EnumSet.of(Emit.O));
        assertThat(o(scorer.score(table()), ElementType.BF16).get(0)).containsOnly(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "scalar"})
    void anOutputThatItsTypeCannotHoldIsBad(String kernel) {
        AttentionSpec spec = SPEC.withType(ElementType.FP16);
        // rounded to bf16 it is 65536, which fp16 has not
        row(ElementType.FP16, at(1, 1, 1, 1), at(1, 1, 1, 1), at(65504, 1, 1, 1));
        SequenceScorer scorer = scorer(spec, ElementType.BF16, kernel, "fail", EnumSet.of(Emit.O));
        assertThatThrownBy(() -> scorer.score(table()).collectAsList())
                .hasStackTraceContaining("the attention output overflows fp16")
                .hasStackTraceContaining("magnitude up to 65504.0")
                .hasStackTraceContaining("option computeType");
    }

    private static SequenceScorer scorer(
            AttentionSpec spec, @Nullable ElementType compute, String kernel, String onBadRow, EnumSet<Emit> emit) {
        PagedAttentionConf conf = PagedAttentionConf.parse(Map.of(
                "spark.pagedAttention.backend", "cpu",
                "spark.pagedAttention.cpu.kernel", kernel,
                "spark.pagedAttention.onBadRow", onBadRow));
        return new SequenceScorer(ScoringOptions.builder(spec)
                .computeType(compute)
                .emit(emit)
                .conf(conf)
                .build());
    }

    private void row(ElementType type, float[] q, float[] k, float[] v) {
        rows.add(RowFactory.create(
                (long) rows.size(),
                TestSequences.bytes(type, q),
                TestSequences.bytes(type, k),
                TestSequences.bytes(type, v)));
    }

    private Dataset<Row> table() {
        return LocalSpark.table(rows, schema);
    }

    private static List<float[]> o(Dataset<Row> scored, ElementType type) {
        return scored.collectAsList().stream()
                .map(row -> TestSequences.floats(type, row.getAs("o")))
                .toList();
    }

    private static float[] at(float... values) {
        return values;
    }
}
