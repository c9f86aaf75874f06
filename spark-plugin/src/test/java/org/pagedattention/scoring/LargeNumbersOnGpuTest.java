package org.pagedattention.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.executor.Figure;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.tensor.ElementType;

/** Scores far from zero, alike for all keys, so that each query gets the mean of the values it sees. */
@Tag("gpu")
class LargeNumbersOnGpuTest {
    private static final int HEAD_DIM = 128;
    private static final int TOKENS = 70;

    @ParameterizedTest
    @CsvSource({
        // what models without normalised queries and keys are known for: scores of -1e7, on the GPU
        "448, -1880, FP16, 0",
        "448, -1880, BF16, 0",
        "-448, -1880, BF16, 0",
        // more than a fused kernel can tell apart, and than fp32 holds
        "60000, -60000, FP16, 1",
        "1e25, -1e25, BF16, 1",
        "-3e38, -3e38, BF16, 1"
    })
    void keysKeepTheirWeight(float q, float k, ElementType type, long exactRows) {
        AttentionSpec spec =
                new AttentionSpec(1, 1, HEAD_DIM, HEAD_DIM, type, Mask.causal(), AttentionSpec.defaultScale(HEAD_DIM));
        SequenceScorer scorer = new SequenceScorer(ScoringOptions.builder(spec)
                .conf(PagedAttentionConf.parse(Map.of("spark.pagedAttention.backend", "cudnn")))
                .build());
        List<Row> rows = new ArrayList<>();
        rows.add(RowFactory.create(0L, all(type, 1), all(type, 1), steps(type)));
        rows.add(RowFactory.create(1L, all(type, q), all(type, k), steps(type)));
        StructType schema = new StructType()
                .add("id", "long")
                .add("q", "binary")
                .add("k", "binary")
                .add("v", "binary");
        ScoredTable scored = scorer.scoreAndCount(LocalSpark.table(rows, schema));
        for (Row row : scored.rows().collectAsList()) {
            float[] o = TestSequences.floats(type, row.getAs("o"));
            for (int t = 0; t < TOKENS; t++) {
                assertThat(o[t * HEAD_DIM]).isCloseTo(t / 2f, org.assertj.core.data.Offset.offset(0.2f));
            }
        }
        assertThat(scored.counters().value(Figure.EXACT_ROWS)).isEqualTo(exactRows);
    }

    private static byte[] all(ElementType type, float value) {
        float[] values = new float[TOKENS * HEAD_DIM];
        Arrays.fill(values, value);
        return TestSequences.bytes(type, values);
    }

    /** Token t holds t in all of its elements. */
    private static byte[] steps(ElementType type) {
        float[] values = new float[TOKENS * HEAD_DIM];
        for (int i = 0; i < values.length; i++) {
            values[i] = i / HEAD_DIM;
        }
        return TestSequences.bytes(type, values);
    }
}
