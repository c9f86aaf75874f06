package org.pagedattention.cpu.vector;

import static org.pagedattention.cpu.vector.Lanes.COUNT;

import java.nio.ByteBuffer;
import org.pagedattention.tensor.ElementType;

/**
 * Moves rows between tensors of one element type and fp32 scratch memory. Loops are below the virtual calls, and hold
 * all of their vector code, because a vector that crosses a call is an object.
 */
@SuppressWarnings("ByteBufferBackingArray") // the CPU backend takes whole arrays for its buffers
abstract class RowCodec {
    private final ElementType type;

    RowCodec(ElementType type) {
        this.type = type;
    }

    static RowCodec of(ElementType type) {
        return switch (type) {
            case FP32 -> new Fp32Codec();
            case BF16 -> new Bf16Codec();
            case FP16 -> new Fp16Codec();
        };
    }

    /**
     * Widens one vector of elements of each of some rows, times {@code factor}. Column by column, not row by row: such
     * a loop is long, and has as many rows' cache misses under way as the machine can.
     *
     * @param from first byte; the next row is {@code fromStride} bytes on
     */
    abstract void widen(
            byte[] source, int from, int fromStride, float[] target, int at, int atStride, int rows, float factor);

    /** Rounds {@code count} numbers, a multiple of a vector's, none of them NaN, times {@code factor}. */
    abstract void narrow(float[] source, int from, float factor, byte[] target, int at, int count);

    /**
     * Reads rows of {@code count} elements, times {@code factor}.
     *
     * @param from first element; the next row is {@code fromStride} elements on
     */
    final void read(
            ByteBuffer source,
            int from,
            int fromStride,
            float[] target,
            int at,
            int atStride,
            int rows,
            int count,
            float factor) {
        int width = type.bytes();
        int stride = fromStride * width;
        int whole = count / COUNT * COUNT;
        for (int i = 0; i < whole; i += COUNT) {
            widen(source.array(), (from + i) * width, stride, target, at + i, atStride, rows, factor);
        }
        if (whole == 0) {
            for (int i = 0; i < rows * count; i++) {
                int element = from + i / count * fromStride + i % count;
                target[at + i / count * atStride + i % count] = type.get(source, element * width) * factor;
            }
        } else if (whole < count) {
            // the last vector overlaps the one before
            int last = count - COUNT;
            widen(source.array(), (from + last) * width, stride, target, at + last, atStride, rows, factor);
        }
    }

    /** Writes {@code count} finite numbers, times {@code factor}, to the elements beginning with {@code to}. */
    final void write(float[] source, int from, int count, float factor, ByteBuffer target, int to) {
        int whole = count / COUNT * COUNT;
        int width = type.bytes();
        narrow(source, from, factor, target.array(), to * width, whole);
        if (whole == 0) {
            for (int i = 0; i < count; i++) {
                type.put(target, (to + i) * width, source[from + i] * factor);
            }
        } else if (whole < count) {
            int last = count - COUNT;
            narrow(source, from + last, factor, target.array(), (to + last) * width, COUNT);
        }
    }
}
