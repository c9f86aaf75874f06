package org.pagedattention.cpu;

import java.nio.ByteBuffer;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;

/**
 * The matrix of a linear layer, laid out in the order in which it is read: panels of some columns of the output, in each
 * of them one row for every input.
 *
 * @param depth inputs, and zeros behind the last
 * @param panels {@code [panels, depth, panelColumns]}, zeros behind the last column
 */
public record PackedMatrix(int out, int in, int depth, int panelColumns, float[] panels) {

    /** Packs {@code bytes}, {@code [out, in]}. */
    static PackedMatrix pack(ElementType type, Shape shape, ByteBuffer bytes, DenseKernel kernel) {
        int out = shape.rows();
        int in = shape.columns();
        int panelColumns = kernel.panelColumns();
        int depth = (in + kernel.groupInputs() - 1) / kernel.groupInputs() * kernel.groupInputs();
        long count = (long) panels(out, panelColumns) * depth * panelColumns;
        if (count > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(
                    "matrix " + shape + " is too large for the CPU backend, which holds at most 2^31 numbers of one");
        }
        float[] panels = new float[(int) count];
        float[] row = new float[in];
        for (int c = 0; c < out; c++) {
            type.read(bytes, bytes.position() + c * in * type.bytes(), row, in);
            int at = c / panelColumns * depth * panelColumns + c % panelColumns;
            for (int i = 0; i < in; i++) {
                panels[at + i * panelColumns] = row[i];
            }
        }
        return new PackedMatrix(out, in, depth, panelColumns, panels);
    }

    int panelCount() {
        return panels(out, panelColumns);
    }

    /** Columns of all panels together. */
    public int width() {
        return panelCount() * panelColumns;
    }

    private static int panels(int out, int panelColumns) {
        return (out + panelColumns - 1) / panelColumns;
    }
}
