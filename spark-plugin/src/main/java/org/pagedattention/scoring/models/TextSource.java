package org.pagedattention.scoring.models;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.pagedattention.inference.PreparedRow;
import org.pagedattention.inference.TextModel;
import org.pagedattention.request.TextRequest;
import org.pagedattention.scoring.BadRow;

/**
 * Where a table's texts or tokens are.
 *
 * @param text position of the column of texts; -1 where rows hold tokens
 * @param pair position of the column of second texts; -1 without
 * @param tokens position of the column of token ids; -1 where rows hold texts
 * @param longs whether token ids are BIGINT
 * @param names of the input's columns
 */
record TextSource(int text, int pair, int tokens, boolean longs, List<String> names) implements Serializable {

    /**
     * Finds the columns.
     *
     * @throws IllegalArgumentException when one is missing or of another type
     */
    static TextSource of(StructType input, TextRequest request) {
        int tokens = find(input, request.tokens(), "token ids");
        boolean longs = tokens >= 0 && requireIds(input, tokens).equals(DataTypes.LongType);
        return new TextSource(
                requireText(input, find(input, request.text(), "texts")),
                requireText(input, find(input, request.pair(), "second texts")),
                tokens,
                longs,
                List.of(input.fieldNames()));
    }

    private static int find(StructType input, @Nullable String name, String what) {
        if (name == null) {
            return -1;
        }
        int ordinal = Arrays.asList(input.fieldNames()).indexOf(name);
        if (ordinal < 0) {
            throw new IllegalArgumentException("column '" + name + "' is not in the input, which has "
                    + String.join(", ", input.fieldNames()) + ": name the one that holds the " + what);
        }
        return ordinal;
    }

    private static int requireText(StructType input, int ordinal) {
        if (ordinal >= 0 && !(input.fields()[ordinal].dataType() instanceof StringType)) {
            throw wrongType(input, ordinal, "texts are STRING: cast it first, or name another column");
        }
        return ordinal;
    }

    private static DataType requireIds(StructType input, int ordinal) {
        if (input.fields()[ordinal].dataType() instanceof ArrayType array
                && (array.elementType().equals(DataTypes.IntegerType)
                        || array.elementType().equals(DataTypes.LongType))) {
            return array.elementType();
        }
        throw wrongType(input, ordinal, "token ids are ARRAY<INT> or ARRAY<BIGINT>: cast it first");
    }

    private static IllegalArgumentException wrongType(StructType input, int ordinal, String advice) {
        return new IllegalArgumentException("column " + input.fields()[ordinal].name() + " is "
                + input.fields()[ordinal].dataType().simpleString() + ": " + advice);
    }

    /** Names of the columns that nobody wants behind the model: token ids, but no text. */
    Set<String> usedUp() {
        return tokens < 0 ? Set.of() : Set.of(names.get(tokens));
    }

    /**
     * The tokens of a row, for a model.
     *
     * @throws BadRow when there are none
     */
    PreparedRow read(InternalRow row, TextModel model) throws BadRow {
        if (tokens >= 0) {
            return model.prepare(ids(row));
        }
        return model.prepare(text(row, text), pair < 0 ? null : text(row, pair));
    }

    private String text(InternalRow row, int ordinal) throws BadRow {
        if (row.isNullAt(ordinal)) {
            throw new BadRow("column " + names.get(ordinal) + " is null", "a text, which may be empty", "null");
        }
        return row.getUTF8String(ordinal).toString();
    }

    private int[] ids(InternalRow row) throws BadRow {
        String name = names.get(tokens);
        if (row.isNullAt(tokens)) {
            throw new BadRow("column " + name + " is null", "token ids", "null");
        }
        ArrayData data = row.getArray(tokens);
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
