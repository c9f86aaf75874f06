package org.pagedattention.jobs.getmodel;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** An ONNX file of a BERT of one layer, as an exporter would write it, in parts that a test can leave out or change. */
final class TinyBert {
    static final int HIDDEN = 8;
    static final int WIDE = 12;
    static final int HEADS = 2;
    static final int WORDS = 10;
    static final int POSITIONS = 6;
    static final List<String> PATHS = List.of(
            "attention/self/query",
            "attention/self/key",
            "attention/self/value",
            "attention/output/dense",
            "intermediate/dense",
            "output/dense");

    final List<OnnxWriter> nodes = new ArrayList<>();
    final List<OnnxWriter> weights = new ArrayList<>();
    /** The first linear layer's numbers as the file has them, {@code [in, out]}. */
    final float[] query;

    private final Random random = new Random(1);

    TinyBert() {
        query = floats(HIDDEN * HIDDEN);
        table("word_embeddings", WORDS);
        table("position_embeddings", POSITIONS);
        table("token_type_embeddings", 2);
        norm("embeddings.LayerNorm");
        constant("eps", 1e-12f);
        constant("root", (float) Math.sqrt(HIDDEN / HEADS));
        nodes.add(OnnxWriter.node("Add", "/embeddings/LayerNorm/Add_1", "n", "x", "eps"));
        nodes.add(OnnxWriter.node("Div", "/encoder/layer.0/attention/self/Div", "d", "x", "root"));
        for (int i = 0; i < PATHS.size(); i++) {
            linear(0, i);
        }
        norm("encoder.layer.0.attention.output.LayerNorm");
        norm("encoder.layer.0.output.LayerNorm");
    }

    byte[] bytes() {
        OnnxWriter graph = new OnnxWriter();
        nodes.forEach(node -> graph.message(1, node));
        graph.text(2, "torch_jit");
        weights.forEach(weight -> graph.message(5, weight));
        return new OnnxWriter()
                .number(1, 6)
                .text(2, "pytorch")
                .message(7, graph)
                .bytes();
    }

    /** Adds the product of one linear layer, and its weights. */
    void linear(int layer, int number) {
        String path = "encoder/layer." + layer + "/" + PATHS.get(number);
        String name = "onnx::MatMul_" + layer + number;
        nodes.add(OnnxWriter.node("MatMul", "/" + path + "/MatMul", "y" + number, "x", name));
        int in = number == 5 ? WIDE : HIDDEN;
        int out = number == 4 ? WIDE : HIDDEN;
        weights.add(OnnxWriter.tensor(name, List.of(in, out), number == 0 ? query : floats(in * out)));
        vector(path.replace('/', '.') + ".bias", out);
    }

    void constant(String name, float value) {
        nodes.add(OnnxWriter.constant(name, value));
    }

    private void table(String name, int rows) {
        weights.add(OnnxWriter.tensor("embeddings." + name + ".weight", List.of(rows, HIDDEN), floats(rows * HIDDEN)));
    }

    private void norm(String name) {
        vector(name + ".weight", HIDDEN);
        vector(name + ".bias", HIDDEN);
    }

    private void vector(String name, int size) {
        weights.add(OnnxWriter.tensor(name, List.of(size), floats(size)));
    }

    private float[] floats(int count) {
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            floats[i] = random.nextFloat() - 0.5f;
        }
        return floats;
    }
}
