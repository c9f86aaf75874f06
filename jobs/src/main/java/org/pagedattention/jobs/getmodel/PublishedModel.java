package org.pagedattention.jobs.getmodel;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A model that is known to be published as a Maven artifact, and what its authors say of its use.
 *
 * @param artifact as Maven writes it: group, artifact and version
 * @param weightsSha256 SHA-256 of the safetensors that the conversion gives
 * @param layers of its body
 * @param pooling the setting of sentence-transformers that says how
 * @param longest most tokens of a text, as the authors set it
 */
record PublishedModel(
        String title,
        String artifact,
        Entry onnx,
        Entry tokenizer,
        String weightsSha256,
        int layers,
        String pooling,
        int longest,
        Map<String, String> prompts) {

    private static final String GROUP = "dev.langchain4j:langchain4j-embeddings-";

    static final List<PublishedModel> ALL = List.of(
            new PublishedModel(
                    "all-MiniLM-L6-v2",
                    GROUP + "all-minilm-l6-v2:1.19.0-beta29",
                    new Entry(
                            "all-minilm-l6-v2.onnx",
                            "759c3cd2b7fe7e93933ad23c4c9181b7396442a2ed746ec7c1d46192c469c46e"),
                    new Entry(
                            "all-minilm-l6-v2-tokenizer.json",
                            "da0e79933b9ed51798a3ae27893d3c5fa4a201126cef75586296df9b4d2c62a0"),
                    "2c1ddbe6f92a30bb64a1577cc5c7085355e9349dc64f8bb78e11ebbec3541b59",
                    6,
                    "pooling_mode_mean_tokens",
                    256,
                    Map.of()),
            new PublishedModel(
                    "bge-small-en-v1.5",
                    GROUP + "bge-small-en-v15:0.36.2",
                    new Entry(
                            "bge-small-en-v1.5.onnx",
                            "828e1496d7fabb79cfa4dcd84fa38625c0d3d21da474a00f08db0f559940cf35"),
                    new Entry(
                            "bge-small-en-v1.5-tokenizer.json",
                            "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66"),
                    "7729f2cb94ad5e3d954f8c1f9a84f1c995b33bc843a353de5cc6a77caea7544d",
                    12,
                    "pooling_mode_cls_token",
                    512,
                    Map.of()),
            new PublishedModel(
                    "e5-small-v2",
                    GROUP + "e5-small-v2:0.36.2",
                    new Entry("e5-small-v2.onnx", "b2a43b66f7f9b6f29643a21340ad7c03d2d91e6bd5d43429a77799a9ee880eb0"),
                    new Entry(
                            "e5-small-v2-tokenizer.json",
                            "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66"),
                    "d7ae8c7651d984d714ed2ab7e87c80202a0aaba920da965c5b2a1c85af128dfc",
                    12,
                    "pooling_mode_mean_tokens",
                    512,
                    Map.of("query", "query: ", "passage", "passage: ")));

    /** An entry of the artifact's jar, and the SHA-256 of what it holds. */
    record Entry(String name, String sha256) {}

    /** @throws IllegalArgumentException when there is none of that name */
    static PublishedModel named(String name) {
        return ALL.stream()
                .filter(model -> model.title.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("model '" + name + "' is not known: name one of "
                        + ALL.stream().map(PublishedModel::title).collect(Collectors.joining(", "))));
    }
}
