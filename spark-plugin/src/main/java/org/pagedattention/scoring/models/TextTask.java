package org.pagedattention.scoring.models;

import java.io.Serializable;
import java.util.Optional;
import org.apache.spark.sql.types.StructType;
import org.pagedattention.inference.PreparedRow;
import org.pagedattention.inference.TextModel;
import org.pagedattention.loading.ModelUse;

/** What is made of texts: loaded by whoever comes first in a process, and the same for all tasks there. */
interface TextTask<M extends TextModel> extends Serializable {

    /** What the model is loaded for. */
    ModelUse<M> use();

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
