package org.pagedattention.scoring;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.pagedattention.conf.OnBadRow;

/**
 * Where things are in an input row and in an output row.
 *
 * @param input schema of the input
 * @param carried positions of all columns that the workload does not use up
 * @param results how many result columns there are
 * @param marksBadRows whether a column behind them says what is wrong with a row
 * @param output schema of the output: the carried columns, the results, and the errors
 */
record RowLayout(StructType input, List<Integer> carried, int results, boolean marksBadRows, StructType output)
        implements Serializable {

    /**
     * The layout for tables with the columns of {@code input}.
     *
     * @throws IllegalArgumentException when the name of a result column, or of the column of errors, is taken
     */
    static RowLayout of(StructType input, WorkloadPlan plan, OnBadRow onBadRow) {
        requireErrorColumnFree(input, onBadRow);
        List<Integer> carried = new ArrayList<>();
        StructType output = new StructType();
        for (int i = 0; i < input.length(); i++) {
            if (!plan.inputs().contains(input.fields()[i].name())) {
                carried.add(i);
                output = output.add(input.fields()[i]);
            }
        }
        for (StructField result : plan.results().fields()) {
            requireFree(output, carried.size(), result.name(), plan);
            output = output.add(result);
        }
        boolean marks = onBadRow == OnBadRow.NULL;
        output = marks ? output.add(TableScorer.ERROR_COLUMN, DataTypes.StringType, true) : output;
        return new RowLayout(input, List.copyOf(carried), plan.results().length(), marks, output);
    }

    /** What comes behind the carried columns of a scored row. */
    InternalRow scored(Object[] values) {
        return new GenericInternalRow(marksBadRows ? Arrays.copyOf(values, results + 1) : values);
    }

    /** What comes behind the carried columns of a row without results. */
    InternalRow blank() {
        return new GenericInternalRow(new Object[marksBadRows ? results + 1 : results]);
    }

    /** What comes behind the carried columns of a bad row, where such are kept. */
    InternalRow bad(String error) {
        Object[] values = new Object[results + 1];
        values[results] = UTF8String.fromString(error);
        return new GenericInternalRow(values);
    }

    /** The quarantine has all columns of the input, so the workload's own may have that name as little as the carried. */
    private static void requireErrorColumnFree(StructType input, OnBadRow onBadRow) {
        for (String name : input.fieldNames()) {
            if (name.equalsIgnoreCase(TableScorer.ERROR_COLUMN) && onBadRow != OnBadRow.FAIL) {
                throw new IllegalArgumentException("the input has a column '" + name
                        + "' already, which spark.pagedAttention.onBadRow " + onBadRow
                        + " needs for its reasons: rename it before scoring, or set fail");
            }
        }
    }

    private static void requireFree(StructType output, int carried, String result, WorkloadPlan plan) {
        if (Arrays.stream(output.fieldNames()).limit(carried).anyMatch(result::equalsIgnoreCase)) {
            throw new IllegalArgumentException("the input has a column '" + result
                    + "' already, which a result needs: rename it before scoring, or " + plan.withoutResult(result));
        }
    }
}
