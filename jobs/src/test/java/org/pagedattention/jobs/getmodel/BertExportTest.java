package org.pagedattention.jobs.getmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BertExportTest {
    private final TinyBert bert = new TinyBert();

    @Test
    void readsSizesFromTheGraph() {
        BertExport export = export();

        assertThat(export.layers()).isEqualTo(1);
        assertThat(export.hidden()).isEqualTo(TinyBert.HIDDEN);
        assertThat(export.feedForward()).isEqualTo(TinyBert.WIDE);
        assertThat(export.heads()).isEqualTo(TinyBert.HEADS);
        assertThat(export.vocabulary()).isEqualTo(TinyBert.WORDS);
        assertThat(export.positions()).isEqualTo(TinyBert.POSITIONS);
        assertThat(export.types()).isEqualTo(2);
        assertThat(export.epsilon()).isEqualTo(1e-12f);
    }

    @Test
    void givesLinearLayersTheirNamesAndRows() {
        StoredTensor query = export().tensors().get("encoder.layer.0.attention.self.query.weight");
        StoredTensor wide = export().tensors().get("encoder.layer.0.intermediate.dense.weight");

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
    void refusesTwoKindsOfNorm() {
        bert.constant("other", 1e-5f);
        bert.nodes.add(OnnxWriter.node("Add", "/encoder/layer.0/output/LayerNorm/Add_1", "m", "x", "other"));

        assertThatThrownBy(() -> export().epsilon())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[1.0E-12, 1.0E-5]")
                .hasMessageContaining("LayerNorm");
    }

    @Test
    void refusesNumbersOfAnotherSize() {
        bert.weights.set(0, OnnxWriter.tensor("embeddings.word_embeddings.weight", List.of(3, 3), 1, 2, 3));
        StoredTensor words = export().tensors().get("embeddings.word_embeddings.weight");

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
            ByteBuffer cut = ByteBuffer.wrap(broken, 0, random.nextInt(broken.length));
            try {
                new BertExport(OnnxGraph.read(cut));
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

    private BertExport export() {
        return new BertExport(OnnxGraph.read(ByteBuffer.wrap(bert.bytes())));
    }
}
