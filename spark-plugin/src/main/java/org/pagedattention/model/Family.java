package org.pagedattention.model;

import org.pagedattention.model.folder.Checkpoint;
import org.pagedattention.model.folder.StoredTensor;

/** What a config.json says of a model, and how a checkpoint of its family is read. */
interface Family {

    /** Loads the body. */
    Body body(Checkpoint checkpoint, WeightLoader loader);

    /** Whether a checkpoint has a head for classification. */
    boolean classifies(Checkpoint checkpoint);

    /** Loads the head for classification. */
    ClassificationHead head(int labels, Checkpoint checkpoint, WeightLoader loader);

    /** Whether a tensor belongs to a head, or is no weight at all, so that a model's body does without it. */
    boolean isBesideTheBody(String tensor);

    /** A family of decoders: each token sees those before it, and its row says which token is next. */
    interface OfDecoders extends Family {

        /** What gives the logits of next tokens, {@code [vocabulary, hidden]}. */
        StoredTensor nextTokens(Checkpoint checkpoint);
    }
}
