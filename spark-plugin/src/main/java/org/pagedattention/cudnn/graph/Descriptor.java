package org.pagedattention.cudnn.graph;

import java.util.Arrays;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnBackendDescriptor;
import org.pagedattention.cudnn.library.CudnnCalls;
import org.pagedattention.gpu.NativeHandles;

/** Owns one backend descriptor: create, set attributes, finish, use, close. */
final class Descriptor implements AutoCloseable {
    private final DescriptorType type;
    private final Scratch scratch;
    private final Native handle = new Native();
    private boolean open = true;

    /** JCuda hides the value that other descriptors need. */
    private static final class Native extends cudnnBackendDescriptor {
        long value() {
            return getNativePointer();
        }
    }

    Descriptor(DescriptorType type, Scratch scratch) {
        this.type = type;
        this.scratch = scratch;
        int status = JCudnn.cudnnBackendCreateDescriptor(type.code(), handle);
        CudnnCalls.check(status, "cudnnBackendCreateDescriptor", type);
        NativeHandles.opened();
    }

    Descriptor set(Attribute attribute, long... values) {
        Attribute.Kind kind = attribute.kind();
        Pointer elements = scratch.write(kind, values);
        int status = JCudnn.cudnnBackendSetAttribute(handle, attribute.code(), kind.code(), values.length, elements);
        CudnnCalls.check(status, "cudnnBackendSetAttribute", attribute);
        return this;
    }

    Descriptor set(Attribute attribute, Descriptor... values) {
        return set(attribute, Arrays.stream(values).mapToLong(Descriptor::value).toArray());
    }

    Descriptor set(Attribute attribute, byte[] text) {
        Attribute.Kind kind = attribute.kind();
        Pointer elements = scratch.write(text);
        int status = JCudnn.cudnnBackendSetAttribute(handle, attribute.code(), kind.code(), text.length, elements);
        CudnnCalls.check(status, "cudnnBackendSetAttribute", attribute);
        return this;
    }

    /** Makes the descriptor usable; attributes are fixed from here on. */
    Descriptor finish() {
        CudnnCalls.check(JCudnn.cudnnBackendFinalize(handle), "cudnnBackendFinalize", type);
        return this;
    }

    /** How many values {@code attribute} has. */
    int count(Attribute attribute) {
        return get(attribute, 0, new Pointer());
    }

    /** The one value of {@code attribute}, an integer of eight bytes. */
    long getLong(Attribute attribute) {
        get(attribute, 1, scratch.write(attribute.kind(), 0));
        return scratch.readLong();
    }

    byte[] getBytes(Attribute attribute) {
        byte[] text = new byte[count(attribute)];
        get(attribute, text.length, scratch.write(text));
        scratch.read(text);
        return text;
    }

    /** Fills existing descriptors with the values of {@code attribute} and returns how many were filled. */
    int get(Attribute attribute, Descriptor... into) {
        long[] values = Arrays.stream(into).mapToLong(Descriptor::value).toArray();
        return get(attribute, into.length, scratch.write(attribute.kind(), values));
    }

    private int get(Attribute attribute, int requested, Pointer elements) {
        long[] count = new long[1];
        int status = JCudnn.cudnnBackendGetAttribute(
                handle, attribute.code(), attribute.kind().code(), requested, count, elements);
        CudnnCalls.check(status, "cudnnBackendGetAttribute", attribute);
        return (int) count[0];
    }

    cudnnBackendDescriptor jcuda() {
        return handle;
    }

    long value() {
        return handle.value();
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            NativeHandles.closed();
            CudnnCalls.check(JCudnn.cudnnBackendDestroyDescriptor(handle), "cudnnBackendDestroyDescriptor", type);
        }
    }
}
