package org.pagedattention.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.BatchInputs;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Tally;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.request.Emit;
import org.pagedattention.request.HistorySharing;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.scoring.sequences.ChainedSequence;
import org.pagedattention.scoring.sequences.History;
import org.pagedattention.scoring.sequences.PageIndex;
import org.pagedattention.scoring.sequences.Sequence;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.TensorRef;

/** What is done when the device has too little memory for all of a batch: its parts give what the whole gives. */
class SharingBatchTest {
    private static final int PAGE = 16;
    private static final AttentionSpec SPEC =
            new AttentionSpec(2, 1, 8, 8, ElementType.FP16, Mask.causalBottomRight(), 1);
    private static final StructType ROWS = new StructType()
            .add("user", "long")
            .add("q", "binary")
            .add("k", "binary")
            .add("v", "binary");

    private final Random random = new Random(1);

    private static final StructType PREFIXES =
            new StructType().add("user", "long").add("k", "binary").add("v", "binary");

    private List<History.Query> prefixed() {
        List<History.Query> rows = new ArrayList<>();
        for (int tokens : new int[] {70, 3, 64}) {
            History prefix = new History(tensor(tokens), tensor(tokens));
            for (int own : new int[] {0, 1, 20, 16}) {
                SequenceLengths lengths = new SequenceLengths(own % 3, tokens + own);
                rows.add(new History.Query(
                        new Sequence(lengths, tensor(2 * lengths.queryTokens()), tensor(own), tensor(own)), prefix));
            }
        }
        return rows;
    }

    @ParameterizedTest
    @CsvSource({"packed", "padded"})
    void partsOfPrefixedRows(String layout) throws BadRow {
        try (HistoryWorkload workload =
                HistoryPlan.of(ROWS, PREFIXES, "user", true, options(layout)).open(1)) {
            requireSameInParts(workload, prefixed());
        }
    }

    /** What a GPU does without a mask: attention to a prefix and to a row's own keys, merged, is that to all of them. */
    @ParameterizedTest
    @CsvSource({"packed", "padded"})
    void twoPassesMergedGiveWhatOneGives(String layout) throws BadRow {
        ScoringOptions options = options(layout, new AttentionSpec(2, 1, 8, 8, ElementType.FP16, Mask.none(), 1));
        HistoryPlan plan = HistoryPlan.of(ROWS, PREFIXES, "user", true, options);
        List<History.Query> rows = prefixed();
        History empty = new History(tensor(0), tensor(0));
        rows.add(new History.Query(new Sequence(new SequenceLengths(2, 5), tensor(4), tensor(5), tensor(5)), empty));
        AttentionWorkload attention = plan.attention().open(1);
        try (HistoryWorkload once = new HistoryWorkload(plan, attention, HistorySharing.SHARED_PAGES);
                HistoryWorkload twice = new HistoryWorkload(plan, attention, HistorySharing.MERGED);
                Batch<History.Query> expected = filled(once, rows);
                Batch<History.Query> merged = filled(twice, rows);
                Batch<History.Query> part = merged.part(3, 9)) {
            List<Object[]> whole = all(expected, rows.size());
            requireClose(all(merged, rows.size()), whole);
            requireClose(all(part, 6), whole.subList(3, 9));
            assertThat(merged.tally().get(Figure.HISTORIES)).isEqualTo(4);
            assertThat(merged.tally().get(Figure.ASKED_TOKENS))
                    .isEqualTo(expected.tally().get(Figure.ASKED_TOKENS));
            assertThat(merged.tally().get(Figure.EXACT_ROWS)).isZero();
        }
    }

    /** Rounding hides how many keys a large log-sum-exp is of: what is merged by it would have other weights. */
    @Test
    void mergesNothingThatRoundingHides() throws BadRow {
        AttentionSpec spec = new AttentionSpec(2, 1, 8, 8, ElementType.FP16, Mask.none(), 1);
        HistoryPlan plan = HistoryPlan.of(ROWS, PREFIXES, "user", true, options("packed", spec));
        History prefix = new History(filled(3, 512), filled(3, 1));
        History.Query row = new History.Query(
                new Sequence(new SequenceLengths(1, 4), filled(2, 512), filled(1, 512), filled(1, -1)), prefix);
        AttentionWorkload attention = plan.attention().open(1);
        try (HistoryWorkload workload = new HistoryWorkload(plan, attention, HistorySharing.MERGED);
                Batch<History.Query> batch = filled(workload, List.of(row))) {
            float[] o = TestSequences.floats(
                    ElementType.FP16, (byte[]) all(batch, 1).get(0)[0]);
            assertThat(o).containsOnly(0.5f);
            assertThat(batch.tally().get(Figure.EXACT_ROWS)).isEqualTo(1);
        }
    }

    private static TensorRef filled(int heads, float value) {
        float[] values = new float[heads * SPEC.headDim()];
        Arrays.fill(values, value);
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        ElementType.FP16.write(values, values.length, bytes, 0);
        return new TensorRef(bytes, 0, bytes.capacity(), ElementType.FP16);
    }

    private static <I> Batch<I> filled(Workload<I> workload, List<I> rows) throws BadRow {
        Batch<I> batch = workload.open(rows.get(0));
        for (I row : rows) {
            assertThat(batch.takes(row)).isTrue();
            assertThat(batch.add(row)).isTrue();
        }
        return batch;
    }

    private static void requireClose(List<Object[]> actual, List<Object[]> expected) {
        for (int i = 0; i < expected.size(); i++) {
            float[] o = TestSequences.floats(ElementType.FP16, (byte[]) actual.get(i)[0]);
            assertThat(o)
                    .containsExactly(
                            TestSequences.floats(ElementType.FP16, (byte[]) expected.get(i)[0]), offset(4e-3f));
            assertThat(((UnsafeArrayData) actual.get(i)[1]).toFloatArray())
                    .containsExactly(((UnsafeArrayData) expected.get(i)[1]).toFloatArray(), offset(1e-4f));
        }
    }

    @ParameterizedTest
    @CsvSource({"packed", "padded"})
    void partsOfRowsThatBeginAlike(String layout) throws BadRow {
        List<Sequence> rows = new ArrayList<>();
        for (int tokens : new int[] {70, 3, 64}) {
            TensorRef k = tensor(tokens);
            TensorRef v = tensor(tokens);
            for (int own : new int[] {0, 1, 20, 0}) {
                SequenceLengths lengths = new SequenceLengths(own % 3, tokens + own);
                rows.add(new Sequence(
                        lengths,
                        tensor(2 * lengths.queryTokens()),
                        k.followedBy(tensor(own)),
                        v.followedBy(tensor(own))));
            }
        }
        try (DedupeWorkload workload = new DedupeWorkload.Plan(AttentionPlan.of(ROWS, options(layout))).open(1)) {
            requireSameInParts(workload, rows.stream().map(workload::chained).toList());
        }
    }

    private static <I> void requireSameInParts(Workload<I> workload, List<I> rows) throws BadRow {
        try (Batch<I> batch = filled(workload, rows)) {
            List<byte[]> whole = results(batch, rows.size());
            assertThat(batch.tally().get(Figure.PAGES_HELD))
                    .isLessThan(batch.tally().get(Figure.PAGES_GIVEN));
            for (int from = 0; from < rows.size(); from++) {
                int to = from + (rows.size() - from + 1) / 2;
                try (Batch<I> part = batch.part(from, to)) {
                    assertThat(results(part, to - from)).containsExactlyElementsOf(whole.subList(from, to));
                    Tally tally = part.tally();
                    assertThat(tally.get(Figure.SEQUENCES)).isEqualTo(to - from);
                    assertThat(tally.get(Figure.KV_TOKENS))
                            .isLessThanOrEqualTo(batch.tally().get(Figure.KV_TOKENS));
                }
            }
        }
    }

    private static <I> List<byte[]> results(Batch<I> batch, int count) throws BadRow {
        return all(batch, count).stream().map(results -> (byte[]) results[0]).toList();
    }

    private static <I> List<Object[]> all(Batch<I> batch, int count) throws BadRow {
        batch.start();
        batch.await();
        List<Object[]> results = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            results.add(batch.result(i));
        }
        return results;
    }

    /** Hashes only find pages: what is there is compared. */
    @Test
    void equalHashesOfOtherBytesShareNothing() {
        try (AttentionWorkload workload =
                        AttentionPlan.of(ROWS, options("packed")).open(1);
                BatchInputs inputs = workload.backend().inputs(SPEC, 1, 100)) {
            PageIndex index = new PageIndex(SPEC, PAGE, inputs);
            ChainedSequence first = chained(tensor(40));
            assertThat(index.find(first)).isEmpty();
            index.add(first, 0, index.copy(first.sequence(), 0, 0, 100));
            assertThat(index.find(first)).hasSize(3);
            first.sequence().k().bytes().put(first.sequence().k().length() - 1, (byte) 0x11);
            assertThat(index.find(first)).hasSize(2);
            first.sequence().v().bytes().put(0, (byte) 0x11);
            assertThat(index.find(first)).isEmpty();
        }
    }

    private ChainedSequence chained(TensorRef k) {
        int tokens = k.elements() / SPEC.keyElements();
        return ChainedSequence.of(
                new Sequence(new SequenceLengths(1, tokens), tensor(2), k, tensor(tokens)), SPEC, PAGE);
    }

    private static ScoringOptions options(String layout) {
        return options(layout, SPEC);
    }

    private static ScoringOptions options(String layout, AttentionSpec spec) {
        return ScoringOptions.builder(spec)
                .emit(EnumSet.of(Emit.O, Emit.LSE))
                .conf(PagedAttentionConf.parse(Map.of(
                        "spark.pagedAttention.page.size",
                        String.valueOf(PAGE),
                        "spark.pagedAttention.page.layout",
                        layout)))
                .build();
    }

    /** Of one head. */
    private TensorRef tensor(int tokens) {
        float[] values = new float[tokens * 8];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        byte[] bytes = TestSequences.bytes(ElementType.FP16, values);
        return new TensorRef(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), 0, bytes.length, ElementType.FP16);
    }
}
