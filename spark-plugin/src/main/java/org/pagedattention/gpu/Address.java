package org.pagedattention.gpu;

import jcuda.Pointer;

/** A native address, of the host or of a device, in the form that JCuda's calls take. */
public final class Address extends Pointer {

    /** No address yet: for calls that hand one out. */
    public Address() {}

    public Address(long value) {
        super(value);
    }

    public long value() {
        return getNativePointer() + getByteOffset();
    }
}
