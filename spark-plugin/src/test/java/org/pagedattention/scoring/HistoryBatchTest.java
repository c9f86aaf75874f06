package org.pagedattention.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Tally;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.scoring.sequences.History;
import org.pagedattention.scoring.sequences.Sequence;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.TensorRef;

class HistoryBatchTest {

    /** What is done when the device has too little memory for all of a batch. */
    @ParameterizedTest
    @ValueSource(strings = {"none", "causal"})
    void partsOfABatchGiveWhatTheWholeGives(String mask) throws BadRow {
        AttentionSpec spec = new AttentionSpec(2, 1, 8, 8, ElementType.FP16, Mask.parse(mask, 0), 1);
        List<History.Query> queries = queries(spec);
        try (HistoryWorkload workload = workload(spec);
                Batch<History.Query> batch = workload.open(queries.get(0))) {
            for (History.Query query : queries) {
                assertThat(batch.takes(query)).isTrue();
                assertThat(batch.add(query)).isTrue();
            }
            List<byte[]> whole = results(batch, queries.size());
            assertThat(batch.tally().get(Figure.HISTORIES)).isEqualTo(3);
            for (int from = 0; from < queries.size(); from++) {
                int to = from + (queries.size() - from + 1) / 2;
                try (Batch<History.Query> part = batch.part(from, to)) {
                    assertThat(results(part, to - from)).containsExactlyElementsOf(whole.subList(from, to));
                    Tally tally = part.tally();
                    assertThat(tally.get(Figure.SEQUENCES)).isEqualTo(to - from);
                    assertThat(tally.get(Figure.KV_TOKENS))
                            .isLessThanOrEqualTo(batch.tally().get(Figure.KV_TOKENS));
                }
            }
        }
    }

    private static List<byte[]> results(Batch<History.Query> batch, int count) throws BadRow {
        batch.start();
        batch.await();
        List<byte[]> results = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            results.add((byte[]) batch.result(i)[0]);
        }
        return results;
    }

    private static List<History.Query> queries(AttentionSpec spec) {
        Random random = new Random(1);
        List<History.Query> queries = new ArrayList<>();
        for (int keys : new int[] {70, 3, 64}) {
            TensorRef k = tensor(random, keys * spec.keyElements());
            History history = new History(k, tensor(random, keys * spec.valueElements()));
            for (int tokens = 0; tokens < 4; tokens++) {
                TensorRef q = tensor(random, tokens * spec.queryElements());
                queries.add(
                        new History.Query(new Sequence(new SequenceLengths(tokens, keys), q, k, history.v()), history));
            }
        }
        return queries;
    }

    private static TensorRef tensor(Random random, int elements) {
        float[] values = new float[elements];
        for (int i = 0; i < elements; i++) {
            values[i] = (float) random.nextGaussian();
        }
        byte[] bytes = TestSequences.bytes(ElementType.FP16, values);
        return new TensorRef(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), 0, bytes.length, ElementType.FP16);
    }

    private static HistoryWorkload workload(AttentionSpec spec) {
        StructType queries = new StructType().add("user", "long").add("q", "binary");
        StructType histories =
                new StructType().add("user", "long").add("k", "binary").add("v", "binary");
        ScoringOptions options = ScoringOptions.builder(spec)
                .conf(PagedAttentionConf.parse(Map.of("spark.pagedAttention.page.size", "16")))
                .build();
        return HistoryPlan.of(queries, histories, "user", false, options).open(1);
    }
}
