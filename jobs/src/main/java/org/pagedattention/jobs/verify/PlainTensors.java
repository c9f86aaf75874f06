package org.pagedattention.jobs.verify;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.pagedattention.tensor.ElementType;

/** Reads tensors out of public rows, plainly. Verification only: an array's floats come boxed. */
public final class PlainTensors {
    private PlainTensors() {}

    /** The numbers in a BINARY (of {@code type}) or ARRAY column. */
    public static float[] read(Row row, String column, ElementType type) {
        int field = row.fieldIndex(column);
        if (row.get(field) instanceof byte[] bytes) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            float[] values = new float[bytes.length / type.bytes()];
            for (int i = 0; i < values.length; i++) {
                values[i] = type.get(buffer, i * type.bytes());
            }
            return values;
        }
        List<Number> list = row.getList(field);
        float[] values = new float[list.size()];
        int i = 0;
        for (Number value : list) {
            values[i++] = value.floatValue();
        }
        return values;
    }

    /** The numbers in an ARRAY column. */
    static double[] numbers(Row row, int field) {
        return row.<Number>getList(field).stream()
                .mapToDouble(Number::doubleValue)
                .toArray();
    }

    /** The ids in an ARRAY column. */
    static int[] ids(Row row, String column) {
        return row.<Number>getList(row.fieldIndex(column)).stream()
                .mapToInt(Number::intValue)
                .toArray();
    }

    static double[] widened(float[] values) {
        double[] wide = new double[values.length];
        Arrays.setAll(wide, i -> values[i]);
        return wide;
    }

    /** The same, each number rounded to {@code to}. */
    public static float[] read(Row row, String column, ElementType type, ElementType to) {
        float[] values = read(row, column, type);
        for (int i = 0; i < values.length; i++) {
            values[i] = to.round(values[i]);
        }
        return values;
    }
}
