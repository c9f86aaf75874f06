package org.pagedattention.tensor;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Locale;

/** How one number of a tensor is stored; always little-endian. */
public enum ElementType {
    FP16(2, 65504f, 0x7c00) {
        @Override
        public float get(ByteBuffer buffer, int byteIndex) {
            return HalfFloats.fromFp16(buffer.getShort(byteIndex));
        }

        @Override
        public void put(ByteBuffer buffer, int byteIndex, float value) {
            buffer.putShort(byteIndex, HalfFloats.toFp16(value));
        }

        @Override
        public void read(ByteBuffer from, int byteIndex, float[] to, int count) {
            for (int i = 0; i < count; i++) {
                to[i] = HalfFloats.fromFp16(from.getShort(byteIndex + 2 * i));
            }
        }

        @Override
        public void write(float[] from, int count, ByteBuffer to, int byteIndex) {
            for (int i = 0; i < count; i++) {
                to.putShort(byteIndex + 2 * i, HalfFloats.toFp16(from[i]));
            }
        }
    },
    BF16(2, 3.3895314e38f, 0x7f80) {
        @Override
        public float get(ByteBuffer buffer, int byteIndex) {
            return HalfFloats.fromBf16(buffer.getShort(byteIndex));
        }

        @Override
        public void put(ByteBuffer buffer, int byteIndex, float value) {
            buffer.putShort(byteIndex, HalfFloats.toBf16(value));
        }

        @Override
        public void read(ByteBuffer from, int byteIndex, float[] to, int count) {
            for (int i = 0; i < count; i++) {
                to[i] = HalfFloats.fromBf16(from.getShort(byteIndex + 2 * i));
            }
        }

        @Override
        public void write(float[] from, int count, ByteBuffer to, int byteIndex) {
            for (int i = 0; i < count; i++) {
                to.putShort(byteIndex + 2 * i, HalfFloats.toBf16(from[i]));
            }
        }
    },
    FP32(4, Float.MAX_VALUE, 0x7f800000) {
        @Override
        public float get(ByteBuffer buffer, int byteIndex) {
            return buffer.getFloat(byteIndex);
        }

        @Override
        public void put(ByteBuffer buffer, int byteIndex, float value) {
            buffer.putFloat(byteIndex, value);
        }

        @Override
        public void read(ByteBuffer from, int byteIndex, float[] to, int count) {
            floats(from, byteIndex, count).get(to, 0, count);
        }

        @Override
        public void write(float[] from, int count, ByteBuffer to, int byteIndex) {
            floats(to, byteIndex, count).put(from, 0, count);
        }

        /** Copied at once. */
        private FloatBuffer floats(ByteBuffer buffer, int byteIndex, int count) {
            return buffer.slice(byteIndex, Float.BYTES * count)
                    .order(buffer.order())
                    .asFloatBuffer();
        }
    };

    private final int bytes;
    private final float largest;
    /** Bits that are all set in infinities and NaN, and in no finite value. */
    private final int exponentBits;

    ElementType(int bytes, float largest, int exponentBits) {
        this.bytes = bytes;
        this.largest = largest;
        this.exponentBits = exponentBits;
    }

    /** Width of one element in bytes. */
    public int bytes() {
        return bytes;
    }

    /** The largest finite value. */
    public float largest() {
        return largest;
    }

    /** Reads the element at {@code byteIndex} of a little-endian buffer. */
    public abstract float get(ByteBuffer buffer, int byteIndex);

    /** Writes {@code value}, rounded to nearest (ties to even), at {@code byteIndex} of a little-endian buffer. */
    public abstract void put(ByteBuffer buffer, int byteIndex, float value);

    /** Reads {@code count} elements that begin at {@code byteIndex} of a little-endian buffer. */
    public abstract void read(ByteBuffer from, int byteIndex, float[] to, int count);

    /** Writes {@code count} rounded elements, the first at {@code byteIndex} of a little-endian buffer. */
    public abstract void write(float[] from, int count, ByteBuffer to, int byteIndex);

    /** Whether all of {@code count} elements that begin at {@code byteIndex} of a little-endian buffer are finite. */
    public boolean allFinite(ByteBuffer from, int byteIndex, int count) {
        return allBelow(Float.MAX_EXPONENT + 1, from, byteIndex, count);
    }

    /**
     * Whether all of {@code count} elements that begin at {@code byteIndex} of a little-endian buffer are finite and of
     * magnitude below 2 to the power of {@code exponent}; none are where that is below all normal numbers. It takes no
     * longer than {@link #allFinite}.
     */
    public boolean allBelow(int exponent, ByteBuffer from, int byteIndex, int count) {
        int limit = limitBits(exponent);
        int end = byteIndex + count * bytes;
        int rest = end - count * bytes % Long.BYTES;
        for (int at = rest; at < end; at += bytes) {
            int bits = bytes == Short.BYTES ? from.getShort(at) : from.getInt(at);
            if ((bits & exponentBits) >= limit) {
                return false;
            }
        }
        return MagnitudeScan.of(bytes, exponentBits, limit).allBelow(from, byteIndex, rest);
    }

    /** The lowest exponent bits of numbers of magnitude 2 to the power of {@code exponent}, at most those of infinity. */
    private int limitBits(int exponent) {
        int one = Integer.lowestOneBit(exponentBits);
        int infinity = exponentBits / one;
        return one * Math.max(0, Math.min(exponent + infinity / 2, infinity));
    }

    /** {@code value} rounded to this type and widened again. */
    public float round(float value) {
        return switch (this) {
            case FP16 -> HalfFloats.fromFp16(HalfFloats.toFp16(value));
            case BF16 -> HalfFloats.fromBf16(HalfFloats.toBf16(value));
            case FP32 -> value;
        };
    }

    /** The name used in options: fp16, bf16 or fp32. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The type with this {@link #label}.
     *
     * @throws IllegalArgumentException when there is none
     */
    public static ElementType parse(String label) {
        for (ElementType type : values()) {
            if (type.label().equals(label)) {
                return type;
            }
        }
        throw new IllegalArgumentException("dtype '" + label + "' is not known: use fp16, bf16 or fp32");
    }

    @Override
    public String toString() {
        return label();
    }
}
