package org.pagedattention.jobs.lengths;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.pagedattention.tensor.ElementType;

/**
 * A column of tensors of which only the sizes count.
 *
 * @param name in the table
 * @param binary whether sizes are in bytes; otherwise in elements
 * @param tokenSize size of one token
 */
record TokenColumn(String name, boolean binary, int tokenSize) implements Serializable {

    /**
     * Finds a column.
     *
     * @param option that named it
     * @param elements of one token
     * @throws IllegalArgumentException when it is missing, or holds no tensors
     */
    static TokenColumn of(StructType table, String name, String option, int elements, ElementType type) {
        List<String> names = Arrays.asList(table.fieldNames());
        if (!names.contains(name)) {
            throw new IllegalArgumentException("column '" + name + "' is not in the input, which has "
                    + String.join(", ", names) + ": name the right one with " + option);
        }
        DataType found = table.apply(name).dataType();
        boolean binary = found instanceof BinaryType;
        boolean floats = found instanceof ArrayType list && list.elementType().equals(DataTypes.FloatType);
        if (!binary && !floats) {
            throw new IllegalArgumentException("column " + name + " is " + found.simpleString()
                    + ": a tensor column is BINARY (little-endian " + type + ") or ARRAY<FLOAT>; name another with "
                    + option);
        }
        return new TokenColumn(name, binary, binary ? elements * type.bytes() : elements);
    }

    /** Why a tensor of this size is bad; null when it is good. */
    @Nullable
    String problem(@Nullable Integer size) {
        if (size == null) {
            return "column " + name + " is null";
        }
        return size % tokenSize == 0
                ? null
                : "column " + name + " has " + size + (binary ? " bytes" : " elements") + ", and a token takes "
                        + tokenSize;
    }

    int tokens(int size) {
        return size / tokenSize;
    }
}
