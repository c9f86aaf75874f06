package org.pagedattention.jobs.bench.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A model that people know, by its sizes.
 *
 * @param option what it is called
 * @param family as config.json names it
 * @param wide numbers between the last two linear layers of a layer
 */
record NamedShape(
        String option,
        String family,
        int layers,
        int hidden,
        int wide,
        int heads,
        int kvHeads,
        int headDim,
        int vocabulary) {
    private static final List<NamedShape> KNOWN = List.of(
            new NamedShape("minilm", "bert", 6, 384, 1536, 12, 12, 32, 30_522),
            new NamedShape("bge-base", "bert", 12, 768, 3072, 12, 12, 64, 30_522),
            new NamedShape("qwen3-600m", "qwen3", 28, 1024, 3072, 16, 8, 128, 151_936),
            // eight of the 32 layers
            new NamedShape("llama3-8b-8layers", "llama", 8, 4096, 14_336, 32, 8, 128, 128_256));

    /**
     * The shape of a name.
     *
     * @throws IllegalArgumentException when there is none
     */
    static NamedShape of(String option) {
        return KNOWN.stream()
                .filter(shape -> shape.option.equals(option))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("--shape " + option + " is not known: give one of "
                        + KNOWN.stream().map(NamedShape::option).collect(Collectors.joining(", "))
                        + ", or a folder with --model"));
    }

    boolean isBert() {
        return family.equals("bert");
    }

    /** Its config.json. */
    String config() {
        String common = """
                {"model_type": "%s", "vocab_size": %d, "hidden_size": %d, "num_hidden_layers": %d,
                 "num_attention_heads": %d, "intermediate_size": %d, "max_position_embeddings": %d,
                """.formatted(family, vocabulary, hidden, layers, heads, wide, isBert() ? 512 : 8192);
        return common
                + (isBert()
                        ? "\"type_vocab_size\": 2, \"hidden_act\": \"gelu\", \"layer_norm_eps\": 1e-12}"
                        : """
                          "num_key_value_heads": %d, "head_dim": %d, "hidden_act": "silu", "rms_norm_eps": 1e-5,
                           "rope_theta": 500000.0, "tie_word_embeddings": true}""".formatted(kvHeads, headDim));
    }

    /** Its tensors, in the order in which a checkpoint has them. */
    Map<String, int[]> tensors() {
        Map<String, int[]> tensors = new LinkedHashMap<>();
        if (isBert()) {
            tensors.put("embeddings.word_embeddings.weight", new int[] {vocabulary, hidden});
            tensors.put("embeddings.position_embeddings.weight", new int[] {512, hidden});
            tensors.put("embeddings.token_type_embeddings.weight", new int[] {2, hidden});
            withBias(tensors, "embeddings.LayerNorm", hidden);
        } else {
            tensors.put("model.embed_tokens.weight", new int[] {vocabulary, hidden});
            tensors.put("model.norm.weight", new int[] {hidden});
        }
        for (int i = 0; i < layers; i++) {
            if (isBert()) {
                bertLayer(tensors, "encoder.layer." + i + ".");
            } else {
                llamaLayer(tensors, "model.layers." + i + ".");
            }
        }
        return tensors;
    }

    private void bertLayer(Map<String, int[]> tensors, String prefix) {
        for (String part : new String[] {"query", "key", "value"}) {
            withBias(tensors, prefix + "attention.self." + part, hidden, hidden);
        }
        withBias(tensors, prefix + "attention.output.dense", hidden, hidden);
        withBias(tensors, prefix + "attention.output.LayerNorm", hidden);
        withBias(tensors, prefix + "intermediate.dense", wide, hidden);
        withBias(tensors, prefix + "output.dense", hidden, wide);
        withBias(tensors, prefix + "output.LayerNorm", hidden);
    }

    private static void withBias(Map<String, int[]> tensors, String name, int... shape) {
        tensors.put(name + ".weight", shape);
        tensors.put(name + ".bias", new int[] {shape[0]});
    }

    private void llamaLayer(Map<String, int[]> tensors, String prefix) {
        int queries = heads * headDim;
        int keys = kvHeads * headDim;
        tensors.put(prefix + "input_layernorm.weight", new int[] {hidden});
        tensors.put(prefix + "self_attn.q_proj.weight", new int[] {queries, hidden});
        tensors.put(prefix + "self_attn.k_proj.weight", new int[] {keys, hidden});
        tensors.put(prefix + "self_attn.v_proj.weight", new int[] {keys, hidden});
        tensors.put(prefix + "self_attn.o_proj.weight", new int[] {hidden, queries});
        if (family.equals("qwen3")) {
            tensors.put(prefix + "self_attn.q_norm.weight", new int[] {headDim});
            tensors.put(prefix + "self_attn.k_norm.weight", new int[] {headDim});
        }
        tensors.put(prefix + "post_attention_layernorm.weight", new int[] {hidden});
        tensors.put(prefix + "mlp.gate_proj.weight", new int[] {wide, hidden});
        tensors.put(prefix + "mlp.up_proj.weight", new int[] {wide, hidden});
        tensors.put(prefix + "mlp.down_proj.weight", new int[] {hidden, wide});
    }
}
