package org.pagedattention.ml;

import org.apache.spark.ml.functions;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.param.Param;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/**
 * A result that a stage can give.
 *
 * @param column names the column; without a value the result is left out
 * @param result its name in what a model's scorer makes
 * @param type what the stage makes of it: Spark ML's vectors of arrays, the rest as it is
 */
record Output(Param<String> column, String result, DataType type) {
    static final DataType FLOATS = DataTypes.createArrayType(DataTypes.FloatType, false);

    /** An array of numbers, or a vector of Spark ML. */
    static Output numbers(Param<String> column, String result, boolean vector) {
        return new Output(column, result, vector ? SQLDataTypes.VectorType() : FLOATS);
    }

    static Output tokens(Param<String> column) {
        return new Output(column, "tokens", DataTypes.IntegerType);
    }

    static Output truncated(Param<String> column) {
        return new Output(column, "truncated", DataTypes.BooleanType);
    }

    /** The column of the stage, from that of the scorer. */
    Column from(Column scored) {
        // Spark's function takes no null, and rows that are kept may have one
        return type.equals(SQLDataTypes.VectorType())
                ? org.apache.spark.sql.functions.when(scored.isNotNull(), functions.array_to_vector(scored))
                : scored;
    }
}
