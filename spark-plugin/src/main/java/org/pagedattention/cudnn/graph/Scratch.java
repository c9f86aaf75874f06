package org.pagedattention.cudnn.graph;

import java.nio.ByteBuffer;
import jcuda.Pointer;
import org.pagedattention.gpu.Address;
import org.pagedattention.gpu.MemoryBlock;
import org.pagedattention.gpu.MemoryPool;

/**
 * Native memory for one attribute's values at a time: cuDNN's attribute calls read a raw address, which Java arrays do
 * not have, and copy what they read. For one thread at a time.
 *
 * <p>Pinned memory serves, because its address and its buffer come from public calls on every JDK.
 */
public final class Scratch implements AutoCloseable {
    private static final int BYTES = 1 << 16;

    private final MemoryPool pinned;
    private MemoryBlock block;
    private ByteBuffer buffer;

    public Scratch(MemoryPool pinned) {
        this.pinned = pinned;
        block = pinned.acquire(BYTES);
        buffer = block.buffer();
    }

    /** Writes text, which may be longer than anything else; valid until the next call. */
    Pointer write(byte[] text) {
        if (text.length > block.bytes()) {
            MemoryBlock larger = pinned.acquire(text.length);
            block.close();
            block = larger;
            buffer = larger.buffer();
        }
        buffer.put(0, text);
        return new Address(block.address());
    }

    /** What is there in place of text that was written last. */
    void read(byte[] text) {
        buffer.get(0, text);
    }

    /** Writes {@code values} as {@code kind}; valid until the next call. */
    Pointer write(Attribute.Kind kind, long... values) {
        for (int i = 0; i < values.length; i++) {
            switch (kind.bytes()) {
                case 1 -> buffer.put(i, (byte) values[i]);
                case 4 -> buffer.putInt(4 * i, (int) values[i]);
                default -> buffer.putLong(8 * i, values[i]);
            }
        }
        return new Address(block.address());
    }

    /** The first value, as an attribute of eight bytes. */
    long readLong() {
        return buffer.getLong(0);
    }

    @Override
    public void close() {
        block.close();
    }
}
