package org.pagedattention.scoring;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.vectorized.ColumnarBatchRow;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.bitset.BitSetMethods;
import org.apache.spark.unsafe.types.BinaryView;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.TensorRef;

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
                    + ": a tensor column is BINARY (little-endian " + binaryType
                    + ") or ARRAY<FLOAT>; make it one first"
                    + (type instanceof ArrayType ? ", as by cast(" + field.name() + " as array<float>)" : ""));
        }
        return new TensorColumn(
                field.name(), ordinal, floats, floats ? ElementType.FP32 : binaryType, tokenElements, shape);
    }

    /** Bytes of one token in the column. */
    int tokenBytes() {
        return tokenElements * stored.bytes();
    }

    /**
     * The tensor of {@code row}, valid as long as the row is.
     *
     * @throws BadRow when there is none, or it is wrong on its own
     */
    TensorRef read(InternalRow row) throws BadRow {
        if (row.isNullAt(ordinal)) {
            throw new BadRow("column " + name + " is null", "a tensor " + shape, "null");
        }
        TensorRef tensor = array ? floats(row.getArray(ordinal)) : bytes(row);
        if (tensor.length() % tokenBytes() != 0) {
            int unit = array ? Float.BYTES : 1;
            String units = array ? " floats (" + shape + ")" : " bytes (" + shape + " of " + stored + ")";
            throw new BadRow(
                    "column " + name + " does not hold whole tokens",
                    "a multiple of " + tokenBytes() / unit + units,
                    tensor.length() / unit + (array ? " floats" : " bytes"));
        }
        if (array && hasNullElement(row)) {
            throw new BadRow("column " + name + " has a null element", "floats only", "null");
        }
        return tensor;
    }

    private TensorRef bytes(InternalRow row) {
        // other rows hold an array of their own, and no view of it
        if (row instanceof UnsafeRow || row instanceof ColumnarBatchRow) {
            BinaryView view = row.getBinaryView(ordinal);
            if (view.getBaseObject() instanceof byte[] memory) {
                return tensor(memory, view.getBaseOffset(), view.numBytes());
            }
        }
        byte[] copy = row.getBinary(ordinal);
        return tensor(copy, Platform.BYTE_ARRAY_OFFSET, copy.length);
    }

    /** A null element counts as any number here: {@link #read} looks for it next. */
    private TensorRef floats(ArrayData data) {
        if (data instanceof UnsafeArrayData unsafe && unsafe.getBaseObject() instanceof byte[] memory) {
            int header = UnsafeArrayData.calculateHeaderPortionInBytes(unsafe.numElements());
            return tensor(memory, unsafe.getBaseOffset() + header, unsafe.numElements() * Float.BYTES);
        }
        byte[] copy = new byte[data.numElements() * Float.BYTES];
        TensorRef tensor = tensor(copy, Platform.BYTE_ARRAY_OFFSET, copy.length);
        tensor.bytes().asFloatBuffer().put(data.toFloatArray());
        return tensor;
    }

    private boolean hasNullElement(InternalRow row) {
        ArrayData data = row.getArray(ordinal);
        if (data instanceof UnsafeArrayData unsafe) {
            return BitSetMethods.anySet(
                    unsafe.getBaseObject(), unsafe.getBaseOffset() + 8, (unsafe.numElements() + 63) / 64);
        }
        for (int i = 0; i < data.numElements(); i++) {
            if (data.isNullAt(i)) {
                return true;
            }
        }
        return false;
    }

    private TensorRef tensor(byte[] memory, long address, int length) {
        ByteBuffer bytes = ByteBuffer.wrap(memory).order(ByteOrder.LITTLE_ENDIAN);
        return new TensorRef(bytes, (int) (address - Platform.BYTE_ARRAY_OFFSET), length, stored);
    }
}
