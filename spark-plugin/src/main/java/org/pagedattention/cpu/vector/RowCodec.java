package org.pagedattention.cpu.vector;

import static org.pagedattention.cpu.vector.Lanes.COUNT;

import java.nio.ByteBuffer;
import org.pagedattention.attention.ElementType;

/**
 * Moves rows between tensors of one element type and fp32 scratch memory. Loops are below the virtual calls, and hold
 * all of their vector code, because a vector that crosses a call is an object.
 */
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

    /** Widens {@code count} elements, a multiple of a vector's, beginning at byte {@code from}, times {@code factor}. */
    abstract void widen(byte[] source, int from, float[] target, int at, int count, float factor);

    /** Rounds {@code count} numbers, a multiple of a vector's, none of them NaN, times {@code factor}. */
    abstract void narrow(float[] source, int from, float factor, byte[] target, int at, int count);

    /** Reads the elements {@code from..from + count}, times {@code factor}. */
    final void read(ByteBuffer source, int from, float[] target, int at, int count, float factor) {
        int whole = count / COUNT * COUNT;
        int width = type.bytes();
        widen(source.array(), from * width, target, at, whole, factor);
        if (whole == 0) {
            for (int i = 0; i < count; i++) {
                target[at + i] = type.get(source, (from + i) * width) * factor;
            }
        } else if (whole < count) {
            // the last vector overlaps the one before
            int last = count - COUNT;
            widen(source.array(), (from + last) * width, target, at + last, COUNT, factor);
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
