package org.pagedattention.model;

import org.pagedattention.model.folder.Checkpoint;
import org.pagedattention.model.folder.StoredTensor;
import org.pagedattention.tensor.Shape;

/** Decoders whose checkpoints call their tensors as Llama's do. */
interface DecoderNames extends Family.OfDecoders {
    String PREFIX = "model.";
    String WORDS = "embed_tokens.weight";
    String NEXT_TOKENS = "lm_head.weight";
    String SCORE = "score";

    /** What stands before the names of the model's body: nothing where it was saved without a head. */
    static String prefix(Checkpoint checkpoint) {
        return checkpoint.has(PREFIX + WORDS) ? PREFIX : "";
    }

    static String words(Checkpoint checkpoint) {
        return prefix(checkpoint) + WORDS;
    }

    DecoderSizes sizes();

    @Override
    default StoredTensor nextTokens(Checkpoint checkpoint) {
        Shape shape = Shape.of(sizes().vocabulary(), sizes().hidden());
        return checkpoint.takeTied(NEXT_TOKENS, words(checkpoint), sizes().tied(), shape);
    }

    @Override
    default boolean classifies(Checkpoint checkpoint) {
        return checkpoint.has(SCORE + ".weight");
    }

    @Override
    default ClassificationHead head(int labels, Checkpoint checkpoint, WeightLoader loader) {
        return ClassificationHead.OfToken.ofDecoder(
                ClassificationHead.Token.lastBut(sizes().padding()),
                loader.linearWithoutBias(checkpoint, SCORE, labels, sizes().hidden()));
    }

    /** Checkpoints from before 2023 have the frequencies of rotary embeddings among their tensors. */
    @Override
    default boolean isBesideTheBody(String name) {
        return name.equals(NEXT_TOKENS) || name.startsWith(SCORE + ".") || name.endsWith(".rotary_emb.inv_freq");
    }
}
