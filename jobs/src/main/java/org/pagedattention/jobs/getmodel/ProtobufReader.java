package org.pagedattention.jobs.getmodel;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Goes through the fields of one message of a protocol buffer. */
final class ProtobufReader {
    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int BLOCK = 2;
    private static final int FIXED_32 = 5;
    private static final int LONGEST_VARINT = 10;

    private final ByteBuffer bytes;
    private int wireType;

    ProtobufReader(ByteBuffer bytes) {
        this.bytes = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The number of the next field, which must be read or skipped; 0 behind the last. */
    int next() {
        if (!bytes.hasRemaining()) {
            return 0;
        }
        long tag = varint();
        wireType = (int) tag & 7;
        return (int) (tag >>> 3);
    }

    long number() {
        require(VARINT);
        return varint();
    }

    String text() {
        return StandardCharsets.UTF_8.decode(block()).toString();
    }

    ProtobufReader message() {
        return new ProtobufReader(block());
    }

    /** The bytes of a field; little-endian, and not copied. */
    ByteBuffer block() {
        require(BLOCK);
        return take(varint());
    }

    /** Whether the field holds several numbers, packed into a block. */
    boolean isPacked() {
        return wireType == BLOCK;
    }

    boolean hasMore() {
        return bytes.hasRemaining();
    }

    /** A number of a packed block. */
    long varint() {
        long value = 0;
        for (int i = 0; i < LONGEST_VARINT; i++) {
            byte next = byteOf();
            value |= (long) (next & 0x7f) << (7 * i);
            if (next >= 0) {
                return value;
            }
        }
        throw broken("a number of more than " + LONGEST_VARINT + " bytes");
    }

    void skip() {
        switch (wireType) {
            case VARINT -> varint();
            case FIXED_64 -> take(Long.BYTES);
            case BLOCK -> block();
            case FIXED_32 -> take(Integer.BYTES);
            default -> throw broken("a field of wire type " + wireType);
        }
    }

    private byte byteOf() {
        try {
            return bytes.get();
        } catch (BufferUnderflowException e) {
            throw broken("an end within a number");
        }
    }

    private ByteBuffer take(long count) {
        if (count < 0 || count > bytes.remaining()) {
            throw broken("a field of " + count + " bytes where " + bytes.remaining() + " are left");
        }
        ByteBuffer taken = bytes.slice(bytes.position(), (int) count).order(ByteOrder.LITTLE_ENDIAN);
        bytes.position(bytes.position() + (int) count);
        return taken;
    }

    private void require(int expected) {
        if (wireType != expected) {
            throw broken("a field of wire type " + wireType + " where " + expected + " was expected");
        }
    }

    private static IllegalArgumentException broken(String what) {
        return new IllegalArgumentException("the ONNX file is broken: it has " + what);
    }
}
