package org.pagedattention.scoring;

import java.io.Serializable;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.unsafe.Platform;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.ElementType;

/**
 * A column whose rows are tensors.
 *
 * @param name name in the input
 * @param ordinal position in the input
 * @param array whether it is ARRAY&lt;FLOAT&gt;; otherwise BINARY
 * @param stored element type in the column
 * @param tokenElements elements of one token
 * @param shape the shape of one token in words, for messages
 */
record TensorColumn(String name, int ordinal, boolean array, ElementType stored, int tokenElements, String shape)
        implements Serializable {

    static TensorColumn of(StructField field, int ordinal, ElementType binaryType, int tokenElements, String shape) {
        DataType type = field.dataType();
        boolean floats = type instanceof ArrayType list && list.elementType().equals(DataTypes.FloatType);
        if (!floats && !type.equals(DataTypes.BinaryType)) {
            throw new IllegalArgumentException("column " + field.name() + " is " + type.simpleString()
                    + ": a tensor column is BINARY (little-endian " + binaryType + ") or ARRAY<FLOAT>; cast it first");
        }
        return new TensorColumn(
                field.name(), ordinal, floats, floats ? ElementType.FP32 : binaryType, tokenElements, shape);
    }

    /** Bytes of one token in the column. */
    int tokenBytes() {
        return tokenElements * stored.bytes();
    }

    /** The tensor of {@code row}, which must own its memory; null where the column is null. */
    @Nullable
    TensorRef locate(UnsafeRow row) {
        if (row.isNullAt(ordinal)) {
            return null;
        }
        byte[] memory = (byte[]) row.getBaseObject();
        if (array) {
            UnsafeArrayData data = row.getArray(ordinal);
            int header = UnsafeArrayData.calculateHeaderPortionInBytes(data.numElements());
            return tensor(memory, data.getBaseOffset() + header, data.numElements() * Float.BYTES);
        }
        long offsetAndSize = row.getLong(ordinal);
        return tensor(memory, row.getBaseOffset() + (offsetAndSize >>> 32), (int) offsetAndSize);
    }

    /** What is wrong with the tensor on its own; null when nothing is. */
    @Nullable
    BadRow check(UnsafeRow row, @Nullable TensorRef tensor) {
        if (tensor == null) {
            return new BadRow("column " + name + " is null", "a tensor " + shape, "null");
        }
        if (tensor.length() % tokenBytes() != 0) {
            return new BadRow(
                    "column " + name + " does not hold whole tokens",
                    "a multiple of " + tokenBytes() + " bytes (" + shape + " of " + stored + ")",
                    tensor.length() + " bytes");
        }
        if (array && hasNullElement(row)) {
            return new BadRow("column " + name + " has a null element", "floats only", "null");
        }
        return null;
    }

    private boolean hasNullElement(UnsafeRow row) {
        UnsafeArrayData data = row.getArray(ordinal);
        int words = (data.numElements() + 63) / 64;
        for (int i = 0; i < words; i++) {
            if (Platform.getLong(data.getBaseObject(), data.getBaseOffset() + 8L + 8L * i) != 0) {
                return true;
            }
        }
        return false;
    }

    private TensorRef tensor(byte[] memory, long address, int length) {
        return new TensorRef(memory, (int) (address - Platform.BYTE_ARRAY_OFFSET), length, stored);
    }
}
