package org.pagedattention.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Stage;
import org.pagedattention.request.Emit;
import org.pagedattention.request.LinearHead;
import org.pagedattention.request.Pooling;
import org.pagedattention.request.QkvColumns;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Tolerance;

class SequenceScorerTest {
    private static final int[] LENGTHS = {5, 0, 130, 1, 64, 17, 300, 2, 65, 63, 40, 0};

    @ParameterizedTest
    @CsvSource({"FP16, false", "BF16, false", "FP32, false", "FP32, true", "BF16, true"})
    void scoresEveryEncoding(ElementType type, boolean arrays) {
        TestSequences data = new TestSequences(spec(type), arrays, 1, LENGTHS);
        List<Row> rows = score(data, options(data.spec)).collectAsList();
        assertThat(rows).extracting(row -> row.getLong(0)).containsExactlyElementsOf(ids(LENGTHS.length));
        rows.forEach(data::assertO);
    }

    @Test
    void keepsTheOrderOfRowsWhateverTheBatches() {
        int[] lengths = new Random(7).ints(300, 0, 90).toArray();
        TestSequences data = new TestSequences(spec(ElementType.FP32), false, 2, lengths);
        for (Map<String, String> settings : List.of(
                Map.of("spark.pagedAttention.batch.maxSequences", "3"),
                Map.of("spark.pagedAttention.batch.maxTokens", "100"),
                Map.of("spark.pagedAttention.batch.maxBytes", "20k"),
                Map.of("spark.pagedAttention.page.layout", "padded", "spark.pagedAttention.page.size", "8"))) {
            ScoringOptions options = ScoringOptions.builder(data.spec)
                    .conf(PagedAttentionConf.parse(settings))
                    .build();
            List<Row> rows = score(data, options).collectAsList();
            assertThat(rows).extracting(row -> row.getLong(0)).containsExactlyElementsOf(ids(lengths.length));
            rows.forEach(data::assertO);
        }
    }

    @Test
    void emitsWhatIsAskedFor() {
        AttentionSpec spec = spec(ElementType.FP32);
        TestSequences data = new TestSequences(spec, false, 3, 4, 0, 9);
        float[] weights = new float[spec.outputElements()];
        Arrays.fill(weights, 0.5f);
        ScoringOptions options = ScoringOptions.builder(spec)
                .emit(EnumSet.allOf(Emit.class))
                .pooling(Pooling.MEAN)
                .head(new LinearHead(weights, 0.25, LinearHead.Activation.SIGMOID))
                .build();
        Dataset<Row> scored = score(data, options);
        assertThat(scored.columns()).containsExactly("id", "o", "lse", "pooled", "score");
        for (Row row : scored.collectAsList()) {
            data.assertO(row);
            int id = (int) row.getLong(0);
            Tolerance tolerance = new Tolerance(2e-5, 1e-5);
            TestSequences.assertClose("lse", data.expected(id).lse(), TestSequences.floats(row, "lse"), tolerance);
            double[] mean = mean(data.expected(id).o(), spec.outputElements());
            TestSequences.assertClose("pooled", mean, TestSequences.floats(row, "pooled"), tolerance);
            double sum = 0.25;
            for (double element : mean) {
                sum += 0.5 * element;
            }
            assertThat(row.getDouble(4)).isCloseTo(1 / (1 + Math.exp(-sum)), within(1e-4));
        }
    }

    @Test
    void poolsTheLastToken() {
        AttentionSpec spec = spec(ElementType.FP32);
        TestSequences data = new TestSequences(spec, true, 4, 6);
        ScoringOptions options = ScoringOptions.builder(spec)
                .emit(EnumSet.of(Emit.O, Emit.POOLED))
                .build();
        Row row = score(data, options).first();
        float[] o = data.o(row);
        float[] last = Arrays.copyOfRange(o, o.length - spec.outputElements(), o.length);
        assertThat(TestSequences.floats(row, "pooled")).containsExactly(last);
    }

    @Test
    void attendsAcrossSequencesOfOtherLength() {
        AttentionSpec spec = new AttentionSpec(2, 1, 8, 16, ElementType.FP32, Mask.causalBottomRight(), 0.3f);
        TestSequences data = new TestSequences(spec, false, 5);
        Random random = new Random(5);
        data.add(random, 1, 200);
        data.add(random, 10, 3);
        data.add(random, 0, 5);
        data.add(random, 7, 90);
        score(data, options(spec)).collectAsList().forEach(data::assertO);
    }

    @Test
    void computesInAnotherTypeWhenAsked() {
        AttentionSpec spec = spec(ElementType.FP32);
        TestSequences data = new TestSequences(spec, false, 6, 50);
        ScoringOptions options =
                ScoringOptions.builder(spec).computeType(ElementType.BF16).build();
        float[] o = data.o(score(data, options).first());
        TestSequences.assertClose("o", data.expected(0).o(), o, new Tolerance(3e-2, 3e-2));
        for (float value : o) {
            assertThat(ElementType.BF16.round(value)).isEqualTo(value);
        }
    }

    @Test
    void carriesColumnsOfAnyType() {
        AttentionSpec spec = spec(ElementType.FP16);
        StructType nested = new StructType()
                .add("tags", DataTypes.createArrayType(DataTypes.StringType))
                .add("counts", DataTypes.createMapType(DataTypes.StringType, DataTypes.IntegerType));
        StructType schema = new StructType()
                .add("v", DataTypes.BinaryType)
                .add("name", DataTypes.StringType)
                .add("q", DataTypes.BinaryType)
                .add("nested", nested)
                .add("k", DataTypes.BinaryType)
                .add("price", DataTypes.createDecimalType(30, 5))
                .add("at", DataTypes.TimestampType)
                .add("blob", DataTypes.BinaryType);
        TestSequences data = new TestSequences(spec, false, 8, 3, 4);
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            float[][] t = data.tensors.get(i);
            Row inner = i == 0 ? RowFactory.create(List.of("a", "b"), Map.of("x", 1)) : null;
            rows.add(RowFactory.create(
                    data.column(t[2]),
                    i == 0 ? "first" : null,
                    data.column(t[0]),
                    inner,
                    data.column(t[1]),
                    new java.math.BigDecimal("12345678901234567.12345"),
                    new Timestamp(1_700_000_000_000L),
                    new byte[] {1, 2, 3}));
        }
        Dataset<Row> input = LocalSpark.table(rows, schema);
        Dataset<Row> scored = new SequenceScorer(options(spec)).score(input);
        assertThat(scored.columns()).containsExactly("name", "nested", "price", "at", "blob", "o");
        assertThat(scored.drop("o").collectAsList())
                .isEqualTo(input.drop("q", "k", "v").collectAsList());
    }

    @Test
    void countsSequencesTokensAndWaste() {
        TestSequences data = new TestSequences(spec(ElementType.FP16), false, 9, LENGTHS);
        ScoredTable scored =
                new SequenceScorer(options(data.spec)).scoreAndCount(LocalSpark.table(data.rows(), data.schema()));
        scored.rows().collectAsList();
        ScoringCounters counters = scored.counters();
        int tokens = Arrays.stream(LENGTHS).sum();
        assertThat(counters.value(Figure.SEQUENCES)).isEqualTo(LENGTHS.length);
        assertThat(counters.value(Figure.KV_TOKENS)).isEqualTo(tokens);
        assertThat(counters.value(Figure.QUERY_TOKENS)).isEqualTo(tokens);
        assertThat(counters.value(Figure.WASTED_SLOTS)).isBetween(0L, 63 * counters.value(Figure.BATCHES) + 64);
        assertThat(counters.value(Figure.BAD_ROWS)).isZero();
    }

    @Test
    void tellsWhereItsTimeWent() {
        TestSequences data = new TestSequences(spec(ElementType.FP32), false, 4, 300, 200);
        SequenceScorer scorer = new SequenceScorer(options(data.spec));
        long start = System.nanoTime();
        ScoredTable scored = scorer.scoreAndCount(LocalSpark.table(data.rows(), data.schema(), 1));
        scored.rows().collectAsList();
        long wall = System.nanoTime() - start;
        long sum = 0;
        for (Stage stage : ScoringCounters.STAGES) {
            long nanos = scored.counters().nanos(stage).value();
            assertThat(nanos).as(stage.label()).isPositive();
            sum += nanos;
        }
        assertThat(sum).isLessThan(wall);
    }

    @Test
    void scoresPartitionsApartAndEmptyOnesToo() {
        TestSequences data = new TestSequences(spec(ElementType.FP32), false, 10, LENGTHS);
        Dataset<Row> input = LocalSpark.table(data.rows(), data.schema(), 20);
        List<Row> rows = new SequenceScorer(options(data.spec)).score(input).collectAsList();
        assertThat(rows).extracting(row -> row.getLong(0)).containsExactlyInAnyOrderElementsOf(ids(LENGTHS.length));
        rows.forEach(data::assertO);
        Dataset<Row> none = new SequenceScorer(options(data.spec)).score(input.limit(0));
        assertThat(none.collectAsList()).isEmpty();
        assertThat(none.columns()).containsExactly("id", "o");
    }

    @Test
    void aLimitLeavesNothingUnderWay() {
        TestSequences data = new TestSequences(spec(ElementType.FP32), false, 11, LENGTHS);
        assertThat(score(data, options(data.spec)).limit(2).collectAsList()).hasSize(2);
    }

    @Test
    void namesTheColumnsThatAreThere() {
        TestSequences data = new TestSequences(spec(ElementType.FP16), false, 12, 3);
        ScoringOptions options = ScoringOptions.builder(data.spec)
                .columns(new QkvColumns("query", "k", "v"))
                .build();
        assertThatThrownBy(() -> score(data, options))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'query' is not in the input")
                .hasMessageContaining("id, q, k, v")
                .hasMessageContaining("option q");
    }

    @Test
    void refusesColumnsThatHoldNoTensor() {
        TestSequences data = new TestSequences(spec(ElementType.FP16), false, 13, 3);
        Dataset<Row> input = LocalSpark.table(data.rows(), data.schema());
        assertThatThrownBy(() -> new SequenceScorer(options(data.spec)).score(input.withColumn("k", input.col("id"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("column k is bigint")
                .hasMessageContaining("ARRAY<FLOAT>");
        assertThatThrownBy(() -> new SequenceScorer(options(data.spec)).score(input.withColumnRenamed("id", "O")))
                .hasMessageContaining("has a column 'o' already");
    }

    @Test
    void refusesAHeadOfTheWrongSize() {
        LinearHead head = new LinearHead(new float[3], 0, LinearHead.Activation.NONE);
        assertThatThrownBy(() -> ScoringOptions.builder(spec(ElementType.FP16))
                        .head(head)
                        .build())
                .hasMessageContaining("3 weights")
                .hasMessageContaining("32 elements");
        assertThatThrownBy(() -> ScoringOptions.builder(spec(ElementType.FP16))
                        .emit(EnumSet.of(Emit.SCORE))
                        .build())
                .hasMessageContaining("option head");
    }

    private static Dataset<Row> score(TestSequences data, ScoringOptions options) {
        return new SequenceScorer(options).score(LocalSpark.table(data.rows(), data.schema()));
    }

    private static ScoringOptions options(AttentionSpec spec) {
        return ScoringOptions.builder(spec).build();
    }

    private static AttentionSpec spec(ElementType type) {
        return new AttentionSpec(4, 2, 16, 8, type, Mask.causal(), AttentionSpec.defaultScale(16));
    }

    private static List<Long> ids(int count) {
        return LongStream.range(0, count).boxed().toList();
    }

    private static double[] mean(double[] o, int width) {
        double[] mean = new double[width];
        for (int i = 0; i < o.length; i++) {
            mean[i % width] += o[i] / (o.length / width);
        }
        return mean;
    }
}
