package org.pagedattention.scoring;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.pagedattention.attention.ElementType;

/**
 * Elements of one tensor where they lie in a row's own memory; nothing is copied until they go into a batch.
 *
 * @param bytes the row's memory, of which the tensor is a part
 * @param offset first byte
 * @param length bytes
 * @param type how the elements are stored
 */
record TensorRef(byte[] bytes, int offset, int length, ElementType type) {
    private static final int CHUNK = 4096;

    int elements() {
        return length / type.bytes();
    }

    /** Copies elements into {@code target}, rounding them where {@code targetType} is another type. */
    void copy(int firstElement, int count, ByteBuffer target, int at, ElementType targetType) {
        int from = offset + firstElement * type.bytes();
        if (type == targetType) {
            target.put(at, bytes, from, count * type.bytes());
            return;
        }
        ByteBuffer source = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        float[] chunk = new float[Math.min(CHUNK, count)];
        for (int done = 0; done < count; done += chunk.length) {
            int n = Math.min(chunk.length, count - done);
            type.read(source, from + done * type.bytes(), chunk, n);
            targetType.write(chunk, n, target, at + done * targetType.bytes());
        }
    }

    /** Whether all elements are finite as they are stored. */
    boolean allFinite() {
        return type.allFinite(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), offset, elements());
    }

    /** Index of the first element that is not finite once rounded to {@code computeType}; -1 when there is none. */
    int firstNonFinite(ElementType computeType) {
        ByteBuffer source = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < elements(); i++) {
            if (!Float.isFinite(computeType.round(get(source, i)))) {
                return i;
            }
        }
        return -1;
    }

    /** The element at {@code index}. */
    float element(int index) {
        return get(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), index);
    }

    private float get(ByteBuffer source, int index) {
        return type.get(source, offset + index * type.bytes());
    }
}
