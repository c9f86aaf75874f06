package org.pagedattention.scoring.models;

import java.io.Serializable;
import java.util.Optional;
import org.apache.spark.sql.types.StructType;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.inference.PreparedRow;
import org.pagedattention.inference.TextModel;
import org.pagedattention.model.folder.ModelFiles;

/** What is made of texts: loaded by whoever comes first in a process, and the same for all tasks there. */
interface TextTask<M extends TextModel> extends Serializable {

    /**
     * Loads the model.
     *
     * @param maxTokens most tokens of a row; 0 for as many as the model takes
     * @throws IllegalArgumentException when something in the folder is not understood, or missing
     */
    M open(ModelFiles files, ModelBackend backend, int maxTokens);

    /** The result columns. */
    StructType results();

    /**
     * The result columns of a row, as Spark's rows hold them inside.
     *
     * @param values what the model made of the row; all of them finite
     */
    Object[] encode(M model, PreparedRow row, float[] values);

    /** Why pairs, or ready token ids, are not for it; empty when they are. */
    Optional<String> problem(boolean pairs, boolean ids);
}
