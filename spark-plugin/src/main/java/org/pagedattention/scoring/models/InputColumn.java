package org.pagedattention.scoring.models;

import java.io.Serializable;
import java.util.Arrays;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.pagedattention.scoring.BadRow;

/**
 * A column of texts or of token ids.
 *
 * @param ordinal its position in the input
 * @param longs whether token ids are BIGINT
 */
record InputColumn(int ordinal, String name, boolean longs) implements Serializable {

    /**
     * Finds a column of texts.
     *
     * @param what it holds, in words
     * @throws IllegalArgumentException when it is missing or of another type
     */
    static InputColumn texts(StructType input, String name, String what) {
        int ordinal = find(input, name, what);
        if (!(input.fields()[ordinal].dataType() instanceof StringType)) {
            throw wrongType(input, ordinal, "texts are STRING: cast it first, or name another column");
        }
        return new InputColumn(ordinal, name, false);
    }

    /**
     * Finds a column of token ids.
     *
     * @param what it holds, in words
     * @throws IllegalArgumentException when it is missing or of another type
     */
    static InputColumn ids(StructType input, String name, String what) {
        int ordinal = find(input, name, what);
        if (input.fields()[ordinal].dataType() instanceof ArrayType array
                && (array.elementType().equals(DataTypes.IntegerType)
                        || array.elementType().equals(DataTypes.LongType))) {
            return new InputColumn(ordinal, name, array.elementType().equals(DataTypes.LongType));
        }
        throw wrongType(input, ordinal, "token ids are ARRAY<INT> or ARRAY<BIGINT>: cast it first");
    }

    private static int find(StructType input, String name, String what) {
        int ordinal = Arrays.asList(input.fieldNames()).indexOf(name);
        if (ordinal < 0) {
            throw new IllegalArgumentException("column '" + name + "' is not in the input, which has "
                    + String.join(", ", input.fieldNames()) + ": name the one that holds the " + what);
        }
        return ordinal;
    }

    private static IllegalArgumentException wrongType(StructType input, int ordinal, String advice) {
        return new IllegalArgumentException("column " + input.fields()[ordinal].name() + " is "
                + input.fields()[ordinal].dataType().simpleString() + ": " + advice);
    }

    /**
     * The row's text.
     *
     * @throws BadRow when there is none
     */
    String text(InternalRow row) throws BadRow {
        if (row.isNullAt(ordinal)) {
            throw new BadRow("column " + name + " is null", "a text, which may be empty", "null");
        }
        return row.getUTF8String(ordinal).toString();
    }

    /**
     * The row's token ids.
     *
     * @throws BadRow when there are none, or one is no id
     */
    int[] ids(InternalRow row) throws BadRow {
        if (row.isNullAt(ordinal)) {
            throw new BadRow("column " + name + " is null", "token ids", "null");
        }
        ArrayData data = row.getArray(ordinal);
        int[] ids = new int[data.numElements()];
        for (int i = 0; i < ids.length; i++) {
            if (data.isNullAt(i)) {
                throw new BadRow("column " + name + " has a null element", "token ids only", "null at " + i);
            }
            long id = longs ? data.getLong(i) : data.getInt(i);
            if (id != (int) id) {
                throw new BadRow("column " + name + " holds no token id", "an id of the vocabulary", id + " at " + i);
            }
            ids[i] = (int) id;
        }
        return ids;
    }
}
