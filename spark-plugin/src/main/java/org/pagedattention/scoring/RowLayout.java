package org.pagedattention.scoring;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.request.Emit;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.request.TensorColumns;

/**
 * Where things are in an input row and in an output row.
 *
 * @param input schema of the input
 * @param q the query column
 * @param k the key column
 * @param v the value column
 * @param carried positions of all other columns
 * @param output schema of the output: the carried columns, then the results
 */
record RowLayout(
        StructType input, TensorColumn q, TensorColumn k, TensorColumn v, List<Integer> carried, StructType output)
        implements Serializable {

    /** Says what is wrong with a row, where bad rows are kept; null for good ones. */
    static final String ERROR_COLUMN = "error";

    /**
     * Finds the tensor columns.
     *
     * @throws IllegalArgumentException when one is missing or of another type, or the name of a result column, or of
     *     the column of errors, is taken
     */
    static RowLayout of(StructType input, ScoringOptions options) {
        AttentionSpec spec = options.spec();
        TensorColumns names = options.columns();
        if (Set.copyOf(names.names()).size() != 3) {
            throw new IllegalArgumentException("columns " + String.join(", ", names.names())
                    + ": q, k and v must be three different columns; set --q, --k and --v");
        }
        TensorColumn q =
                column(input, names.q(), "--q", spec, spec.queryElements(), shape(spec.queryHeads(), spec.headDim()));
        TensorColumn k =
                column(input, names.k(), "--k", spec, spec.keyElements(), shape(spec.kvHeads(), spec.headDim()));
        TensorColumn v =
                column(input, names.v(), "--v", spec, spec.valueElements(), shape(spec.kvHeads(), spec.valueDim()));
        requireErrorColumnFree(input, options);
        List<Integer> carried = new ArrayList<>();
        StructType output = new StructType();
        for (int i = 0; i < input.length(); i++) {
            if (i != q.ordinal() && i != k.ordinal() && i != v.ordinal()) {
                carried.add(i);
                output = output.add(input.fields()[i]);
            }
        }
        return new RowLayout(input, q, k, v, List.copyOf(carried), withResults(output, options, q));
    }

    /** Types of the carried columns, in their order. */
    DataType carriedType(int index) {
        return output.fields()[index].dataType();
    }

    private static TensorColumn column(
            StructType input, String name, String option, AttentionSpec spec, int tokenElements, String shape) {
        List<String> names = Arrays.asList(input.fieldNames());
        int ordinal = names.indexOf(name);
        if (ordinal < 0) {
            throw new IllegalArgumentException("column '" + name + "' is not in the input, which has "
                    + String.join(", ", names) + ": name the right one with " + option);
        }
        return TensorColumn.of(input.fields()[ordinal], ordinal, spec.type(), tokenElements, shape);
    }

    /** The quarantine has all columns of the input, so a tensor may have that name as little as a carried column. */
    private static void requireErrorColumnFree(StructType input, ScoringOptions options) {
        String policy = options.conf().onBadRow();
        for (String name : input.fieldNames()) {
            if (name.equalsIgnoreCase(ERROR_COLUMN) && !policy.equals("fail")) {
                throw new IllegalArgumentException("the input has a column '" + name
                        + "' already, which --on-bad-row (spark.pagedAttention.onBadRow) " + policy
                        + " needs for its reasons: rename it before scoring, or set fail");
            }
        }
    }

    private static StructType withResults(StructType carried, ScoringOptions options, TensorColumn q) {
        StructType output = carried;
        for (Emit emit : options.emit()) {
            StructField field = DataTypes.createStructField(emit.column(), type(emit, q), true);
            if (Arrays.stream(carried.fieldNames()).anyMatch(name -> name.equalsIgnoreCase(emit.column()))) {
                throw new IllegalArgumentException("the input has a column '" + emit.column()
                        + "' already, which a result needs: rename it before scoring, or leave it out of --emit (now "
                        + options.emit().stream().map(Emit::column).collect(Collectors.joining(",")) + ")");
            }
            output = output.add(field);
        }
        return options.marksBadRows() ? output.add(ERROR_COLUMN, DataTypes.StringType, true) : output;
    }

    private static DataType type(Emit emit, TensorColumn q) {
        DataType floats = DataTypes.createArrayType(DataTypes.FloatType, false);
        return switch (emit) {
            case O -> q.array() ? floats : DataTypes.BinaryType;
            case LSE, POOLED -> floats;
            case SCORE -> DataTypes.DoubleType;
        };
    }

    private static String shape(int heads, int dim) {
        return "[tokens, " + heads + " heads, " + dim + "]";
    }
}
