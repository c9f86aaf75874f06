package org.pagedattention.jobs.getmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BertExportTest {
    private final TinyBert bert = new TinyBert();

    @Test
    void givesLinearLayersTheirNamesAndRows() {
        assertThat(export()).hasSize(21);
        BertExport.Weight query = export().get("encoder.layer.0.attention.self.query.weight");
        BertExport.Weight wide = export().get("encoder.layer.0.intermediate.dense.weight");

        assertThat(wide.shape()).containsExactly(TinyBert.WIDE, TinyBert.HIDDEN);
        float[] values = query.floats().get();
        for (int in = 0; in < TinyBert.HIDDEN; in++) {
            for (int out = 0; out < TinyBert.HIDDEN; out++) {
                assertThat(values[out * TinyBert.HIDDEN + in]).isEqualTo(bert.query[in * TinyBert.HIDDEN + out]);
            }
        }
    }

    @Test
    void refusesAnotherNumberOfProducts() {
        bert.linear(1, 0);

        assertRefused("7 matrix products", "six a layer", "MatMul=7");
    }

    @Test
    void refusesAnotherOrder() {
        OnnxWriter last = bert.nodes.remove(bert.nodes.size() - 1);
        bert.nodes.add(bert.nodes.size() - 1, last);

        assertRefused("'/encoder/layer.0/output/dense/MatMul'", "encoder.layer.0.intermediate.dense");
    }

    @Test
    void refusesAnotherNumberOfWeights() {
        bert.weights.add(OnnxWriter.tensor("pooler.dense.bias", List.of(2), 1, 2));

        assertRefused("22 weights", "1 layers has 21", "pooler.dense.bias");
    }

    @Test
    void refusesNumbersOfAnotherSize() {
        bert.weights.set(0, OnnxWriter.tensor("embeddings.word_embeddings.weight", List.of(3, 3), 1, 2, 3));
        BertExport.Weight words = export().get("embeddings.word_embeddings.weight");

        assertThatThrownBy(() -> words.floats().get())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("12 bytes, and not 9 numbers");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void refusesBrokenFilesInWords(long seed) {
        byte[] whole = bert.bytes();
        Random random = new Random(seed);
        for (int i = 0; i < 2000; i++) {
            byte[] broken = whole.clone();
            for (int changes = random.nextInt(3); changes >= 0; changes--) {
                broken[random.nextInt(broken.length)] = (byte) random.nextInt();
            }
            byte[] cut = Arrays.copyOf(broken, random.nextInt(broken.length));
            try {
                BertExport.weights(OnnxGraph.read(cut));
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageContaining("ONNX");
            }
        }
    }

    private void assertRefused(String... words) {
        assertThatThrownBy(this::export)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(words);
    }

    private Map<String, BertExport.Weight> export() {
        return BertExport.weights(OnnxGraph.read(bert.bytes()));
    }
}
