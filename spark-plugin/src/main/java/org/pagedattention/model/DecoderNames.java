package org.pagedattention.model;

import org.pagedattention.tensor.Shape;

/** What decoders since Llama call their tensors. */
final class DecoderNames {
    private static final String PREFIX = "model.";
    private static final String WORDS = "embed_tokens.weight";
    private static final String NEXT_TOKENS = "lm_head.weight";
    private static final String SCORE = "score";

    private DecoderNames() {}

    /** What stands before the names of the model's body: nothing where it was saved without a head. */
    static String prefix(Checkpoint checkpoint) {
        return checkpoint.has(PREFIX + WORDS) ? PREFIX : "";
    }

    static String words(Checkpoint checkpoint) {
        return prefix(checkpoint) + WORDS;
    }

    static StoredTensor nextTokens(DecoderSizes sizes, Checkpoint checkpoint) {
        Shape shape = Shape.of(sizes.vocabulary(), sizes.hidden());
        return checkpoint.takeTied(NEXT_TOKENS, words(checkpoint), sizes.tied(), shape);
    }

    static boolean classifies(Checkpoint checkpoint) {
        return checkpoint.has(SCORE + ".weight");
    }

    static ClassificationHead head(int labels, DecoderSizes sizes, Checkpoint checkpoint, WeightLoader loader) {
        return ClassificationHead.OfToken.ofDecoder(
                ClassificationHead.Token.lastBut(sizes.padding()),
                loader.linearWithoutBias(checkpoint, SCORE, labels, sizes.hidden()));
    }

    /** Checkpoints from before 2023 have the frequencies of rotary embeddings among their tensors. */
    static boolean isBesideTheBody(String name) {
        return name.equals(NEXT_TOKENS) || name.startsWith(SCORE + ".") || name.endsWith(".rotary_emb.inv_freq");
    }
}
