package org.pagedattention.cpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Heap buffers that are used again, so that steady work allocates nothing. Buffers in use and at rest together never
 * take more than the most that was ever in use at once.
 */
final class BufferPool {
    private static final int SMALLEST = 1 << 12;
    /** A buffer may be this many times larger than what it is used for. */
    private static final int SLACK = 4;

    private final List<ByteBuffer> resting = new ArrayList<>();
    private long bytesResting;
    private long bytesInUse;
    private long mostInUse;

    /** A little-endian buffer of {@code bytes} or more, holding garbage. */
    synchronized ByteBuffer take(int bytes) {
        int capacity = roundUp(bytes);
        int fitting = fitting(bytes, capacity);
        if (fitting < 0) {
            // what rests makes room first: the new buffer counts against the same limit
            shrink(Math.max(mostInUse, bytesInUse + capacity) - bytesInUse - capacity);
        }
        ByteBuffer buffer =
                fitting < 0 ? ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN) : remove(fitting);
        bytesInUse += buffer.capacity();
        mostInUse = Math.max(mostInUse, bytesInUse);
        return buffer;
    }

    /** Takes back what {@link #take} gave. */
    synchronized void give(ByteBuffer buffer) {
        bytesInUse -= buffer.capacity();
        bytesResting += buffer.capacity();
        resting.add(buffer);
        shrink(mostInUse - bytesInUse);
    }

    synchronized long bytesResting() {
        return bytesResting;
    }

    /** Index of the smallest resting buffer that will do; -1 when there is none. */
    private int fitting(int bytes, int capacity) {
        return IntStream.range(0, resting.size())
                .filter(i -> resting.get(i).capacity() >= bytes)
                .filter(i -> resting.get(i).capacity() / SLACK <= capacity)
                .boxed()
                .min(Comparator.comparingInt(i -> resting.get(i).capacity()))
                .orElse(-1);
    }

    private void shrink(long limit) {
        while (bytesResting > limit) {
            remove(0);
        }
    }

    private ByteBuffer remove(int index) {
        ByteBuffer buffer = resting.remove(index);
        bytesResting -= buffer.capacity();
        return buffer;
    }

    /** Rounds up to a quarter of a power of two, so that batches of like size fit each other's buffers. */
    private static int roundUp(int bytes) {
        int size = Math.max(SMALLEST, bytes);
        int step = Integer.highestOneBit(size) / 4;
        long rounded = ((long) size + step - 1) / step * step;
        return (int) Math.min(rounded, Integer.MAX_VALUE - 8);
    }
}
