package org.pagedattention.scoring.models;

import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.pagedattention.inference.Classifier;
import org.pagedattention.inference.PreparedRow;
import org.pagedattention.loading.ModelUse;

/** Logits, and what they mean, for every text or pair of texts. */
record ClassifyTask() implements TextTask<Classifier> {

    @Override
    public ModelUse<Classifier> use() {
        return new ModelUse.Classify();
    }

    @Override
    public StructType results() {
        return new StructType()
                .add("logits", DataTypes.createArrayType(DataTypes.FloatType, false), true)
                .add("label", DataTypes.StringType, true)
                .add("score", DataTypes.FloatType, true)
                .add("tokens", DataTypes.IntegerType, true)
                .add("truncated", DataTypes.BooleanType, true);
    }

    @Override
    public Object[] encode(Classifier model, PreparedRow row, float[] values) {
        Classifier.Classification found = model.classify(row, values);
        return new Object[] {
            UnsafeArrayData.fromPrimitiveArray(values),
            UTF8String.fromString(found.label()),
            found.score(),
            found.tokens(),
            found.truncated()
        };
    }

    @Override
    public Optional<String> problem(boolean pairs, boolean ids) {
        return Optional.empty();
    }
}
