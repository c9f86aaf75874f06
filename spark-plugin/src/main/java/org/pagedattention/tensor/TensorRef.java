package org.pagedattention.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Elements of one tensor where they lie; nothing is copied until they go into a batch.
 *
 * @param bytes memory of which the tensor is a part, little-endian
 * @param offset first byte
 * @param length bytes
 * @param type how the elements are stored
 */
public record TensorRef(ByteBuffer bytes, int offset, int length, ElementType type) {
    /** Elements that are copied and looked at before the next, while the cache still holds them. */
    private static final int CHUNK = 1 << 13;

    public int elements() {
        return length / type.bytes();
    }

    /**
     * Where these elements go in a tensor of a batch.
     *
     * @param batch all of that tensor
     * @param firstToken their first token there
     * @param batchType how it is stored
     */
    public TensorRef at(ByteBuffer batch, int firstToken, int tokenElements, ElementType batchType) {
        int width = batchType.bytes();
        return new TensorRef(batch, firstToken * tokenElements * width, elements() * width, batchType);
    }

    /** Some of the tokens. */
    public TensorRef tokens(int first, int count, int tokenElements) {
        int width = tokenElements * type.bytes();
        return new TensorRef(bytes, offset + first * width, count * width, type);
    }

    /**
     * These elements with others behind them, in memory of their own; as fp32, which holds all types, where they are stored
     * in different ones.
     */
    public TensorRef followedBy(TensorRef others) {
        ElementType joined = type == others.type ? type : ElementType.FP32;
        int first = elements() * joined.bytes();
        int second = others.elements() * joined.bytes();
        ByteBuffer all = ByteBuffer.allocate(Math.addExact(first, second)).order(ByteOrder.LITTLE_ENDIAN);
        copyTo(new TensorRef(all, 0, first, joined), Float.MAX_EXPONENT + 1);
        others.copyTo(new TensorRef(all, first, second, joined), Float.MAX_EXPONENT + 1);
        return new TensorRef(all, 0, all.capacity(), joined);
    }

    /** Whether {@code other}, of as many elements, holds these, as they are when rounded to its type. */
    public boolean isIn(TensorRef other) {
        TensorRef same = this;
        if (type != other.type) {
            ByteBuffer rounded = ByteBuffer.allocate(other.length).order(ByteOrder.LITTLE_ENDIAN);
            same = new TensorRef(rounded, 0, other.length, other.type);
            copyTo(same, Float.MAX_EXPONENT + 1);
        }
        return same.bytes.slice(same.offset, same.length).mismatch(other.bytes.slice(other.offset, other.length)) < 0;
    }

    /**
     * Copies all elements to {@code target}, which has as many, rounding them where it has another type.
     *
     * @param exponent numbers there are small below 2 to this power
     */
    public Magnitude copyTo(TensorRef target, int exponent) {
        float[] floats = new float[type == target.type ? 0 : Math.min(CHUNK, elements())];
        Magnitude magnitude = Magnitude.SMALL;
        for (int done = 0; done < elements(); done += CHUNK) {
            int count = Math.min(CHUNK, elements() - done);
            int from = offset + done * type.bytes();
            int to = target.offset + done * target.type.bytes();
            if (type == target.type) {
                target.bytes.put(to, bytes, from, count * type.bytes());
            } else {
                type.read(bytes, from, floats, count);
                target.type.write(floats, count, target.bytes, to);
            }
            magnitude = magnitude.orWorse(target.magnitude(exponent, to, count));
        }
        return magnitude;
    }

    private Magnitude magnitude(int exponent, int at, int count) {
        if (type.allBelow(exponent, bytes, at, count)) {
            return Magnitude.SMALL;
        }
        return type.allFinite(bytes, at, count) ? Magnitude.LARGE : Magnitude.NOT_FINITE;
    }

    /** The largest magnitude of an element; 0 when there is none. */
    public float largest() {
        float largest = 0;
        for (int i = 0; i < elements(); i++) {
            largest = Math.max(largest, Math.abs(element(i)));
        }
        return largest;
    }

    /** All elements, rounded to {@code computeType}. */
    public float[] floats(ElementType computeType) {
        float[] floats = new float[elements()];
        type.read(bytes, offset, floats, floats.length);
        for (int i = 0; i < floats.length && type != computeType; i++) {
            floats[i] = computeType.round(floats[i]);
        }
        return floats;
    }

    /** Index of the first element that is not finite once rounded to {@code computeType}; -1 when there is none. */
    public int firstNonFinite(ElementType computeType) {
        for (int i = 0; i < elements(); i++) {
            if (!Float.isFinite(computeType.round(element(i)))) {
                return i;
            }
        }
        return -1;
    }

    /** The element at {@code index}. */
    public float element(int index) {
        return type.get(bytes, offset + index * type.bytes());
    }
}
