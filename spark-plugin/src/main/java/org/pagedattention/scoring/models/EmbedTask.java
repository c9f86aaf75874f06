package org.pagedattention.scoring.models;

import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.pagedattention.inference.EmbedOptions;
import org.pagedattention.inference.Embedder;
import org.pagedattention.inference.PreparedRow;
import org.pagedattention.loading.ModelUse;
import org.pagedattention.request.TextRequest;

/** A vector for every text. */
record EmbedTask(EmbedOptions options) implements TextTask<Embedder> {

    static EmbedTask of(TextRequest request, EmbedOptions options) {
        return new EmbedTask(request.tokens() == null ? options : options.forTokens());
    }

    @Override
    public ModelUse<Embedder> use() {
        return new ModelUse.Embed(options);
    }

    @Override
    public StructType results() {
        return new StructType()
                .add("embedding", DataTypes.createArrayType(DataTypes.FloatType, false), true)
                .add("tokens", DataTypes.IntegerType, true)
                .add("truncated", DataTypes.BooleanType, true);
    }

    @Override
    public Object[] encode(Embedder model, PreparedRow row, float[] values) {
        return new Object[] {
            UnsafeArrayData.fromPrimitiveArray(values), row.tokens().length(), row.truncated()
        };
    }

    @Override
    public Optional<String> problem(boolean pairs, boolean ids) {
        return pairs ? Optional.of("a pair of texts has no one vector: classify takes pairs") : Optional.empty();
    }
}
