package org.pagedattention.model;

import java.util.List;
import org.pagedattention.model.folder.Checkpoint;

/** What BERT's kin call the same tensors. */
enum BertNaming {
    BERT("BERT", "bert."),
    ROBERTA("RoBERTa", "roberta."),
    DISTILBERT("DistilBERT", "distilbert.");

    private static final String WORDS = "embeddings.word_embeddings.weight";

    private final String family;
    private final String prefix;

    BertNaming(String family, String prefix) {
        this.family = family;
        this.prefix = prefix;
    }

    /** Its name for people. */
    String family() {
        return family;
    }

    /** What the tensors of all heads begin with. */
    private List<String> heads() {
        return switch (this) {
            case BERT -> List.of("pooler.", "cls.", "classifier.", "qa_outputs.");
            case ROBERTA -> List.of("pooler.", "lm_head.", "classifier.", "qa_outputs.");
            case DISTILBERT -> List.of("vocab_", "pre_classifier.", "classifier.", "qa_outputs.");
        };
    }

    /** What stands before the names of the model's body: nothing where it was saved without a head. */
    String prefix(Checkpoint checkpoint) {
        return checkpoint.has(prefix + WORDS) ? prefix : "";
    }

    /** Whether a tensor belongs to a head, or is no weight at all, so that a model's body does without it. */
    boolean isBesideTheBody(String name) {
        String bare = name.startsWith(prefix) ? name.substring(prefix.length()) : name;
        return bare.equals("embeddings.position_ids") || heads().stream().anyMatch(bare::startsWith);
    }

    String layer(int number) {
        return (this == DISTILBERT ? "transformer.layer." : "encoder.layer.") + number + ".";
    }

    String query() {
        return this == DISTILBERT ? "attention.q_lin" : "attention.self.query";
    }

    String key() {
        return this == DISTILBERT ? "attention.k_lin" : "attention.self.key";
    }

    String value() {
        return this == DISTILBERT ? "attention.v_lin" : "attention.self.value";
    }

    String attentionOutput() {
        return this == DISTILBERT ? "attention.out_lin" : "attention.output.dense";
    }

    String attentionNorm() {
        return this == DISTILBERT ? "sa_layer_norm" : "attention.output.LayerNorm";
    }

    String widen() {
        return this == DISTILBERT ? "ffn.lin1" : "intermediate.dense";
    }

    String narrow() {
        return this == DISTILBERT ? "ffn.lin2" : "output.dense";
    }

    String outputNorm() {
        return this == DISTILBERT ? "output_layer_norm" : "output.LayerNorm";
    }
}
