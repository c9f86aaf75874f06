package org.pagedattention.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.request.Emit;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.tensor.ElementType;

/** A row's results are its own, through the whole of scoring: partitions, batches and bad neighbours change no byte. */
class IsolationTest {
    private static final AttentionSpec SPEC =
            new AttentionSpec(4, 2, 16, 16, ElementType.FP16, Mask.causal().withWindow(20), 0.25f);

    @ParameterizedTest
    @CsvSource({"packed,1,1024", "packed,5,3", "packed,3,1", "padded,1,1024", "padded,4,2"})
    void sameBytesWhateverThePartitionsAndBatches(String layout, int partitions, int sequences) {
        List<Row> rows = rows(1);
        assertSameResults(score(rows, "packed", 2, 64), score(rows, layout, partitions, sequences), new BitSet());
    }

    @ParameterizedTest
    @CsvSource({"packed,1", "packed,2", "packed,3", "padded,4", "padded,5", "padded,6"})
    void badRowsChangeNoByteOfOthers(String layout, long seed) {
        Random random = new Random(seed);
        List<Row> clean = rows(seed);
        List<Row> poisoned = new ArrayList<>(clean);
        BitSet bad = new BitSet();
        for (int i = 0; i < clean.size(); i++) {
            if (random.nextInt(3) == 0) {
                bad.set(i);
                poisoned.set(i, poison(random, clean.get(i)));
            }
        }
        List<Row> results = score(poisoned, layout, 2, 16);
        assertSameResults(score(clean, layout, 2, 16), results, bad);
        for (Row row : results) {
            assertThat(row.isNullAt(row.fieldIndex("error")))
                    .as("row %d is good", row.getLong(0))
                    .isEqualTo(!bad.get((int) row.getLong(0)));
        }
    }

    private static List<Row> rows(long seed) {
        int[] tokens = new Random(seed).ints(40, 1, 150).toArray();
        return new TestSequences(SPEC, false, seed, tokens).rows();
    }

    private static List<Row> score(List<Row> rows, String layout, int partitions, int sequences) {
        PagedAttentionConf conf = PagedAttentionConf.parse(Map.of(
                "spark.pagedAttention.onBadRow",
                "null",
                "spark.pagedAttention.backend",
                "cpu",
                "spark.pagedAttention.page.layout",
                layout,
                "spark.pagedAttention.batch.maxSequences",
                Integer.toString(sequences)));
        ScoringOptions options = ScoringOptions.builder(SPEC)
                .emit(Set.of(Emit.O, Emit.LSE, Emit.POOLED))
                .conf(conf)
                .build();
        TestSequences shapes = new TestSequences(SPEC, false, 0);
        return new SequenceScorer(options)
                .score(LocalSpark.table(rows, shapes.schema(), partitions))
                .orderBy("id")
                .collectAsList();
    }

    private static void assertSameResults(List<Row> expected, List<Row> actual, BitSet except) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            if (!except.get(i)) {
                Row before = expected.get(i);
                Row after = actual.get(i);
                assertThat(Arrays.mismatch(before.<byte[]>getAs("o"), after.<byte[]>getAs("o")))
                        .as("first byte of o that differs in row %d", i)
                        .isEqualTo(-1);
                assertThat(after.getList(2)).as("lse or pooled of row %d", i).isEqualTo(before.getList(2));
                assertThat(after.getList(3)).as("lse or pooled of row %d", i).isEqualTo(before.getList(3));
            }
        }
    }

    private static Row poison(Random random, Row row) {
        Object[] values = {row.get(0), row.get(1), row.get(2), row.get(3)};
        int column = 1 + random.nextInt(3);
        byte[] tensor = ((byte[]) values[column]).clone();
        if (random.nextInt(4) == 0) {
            tensor = Arrays.copyOf(tensor, tensor.length - 1);
        } else {
            int at = random.nextInt(tensor.length / 2) * 2;
            // fp16: infinities of either sign and NaN
            tensor[at] = (byte) random.nextInt(2);
            tensor[at + 1] = (byte) (random.nextBoolean() ? 0x7c : 0xfc);
        }
        values[column] = tensor;
        return RowFactory.create(values);
    }
}
