package org.pagedattention.cudnn.models;

/** A place in the memory of a pass, or one that was there before; equal to itself alone. */
final class Region {
    private final long at;
    private final long bytes;
    private final long rowBytes;
    private final boolean fixed;

    /**
     * @param at where it begins
     * @param rowBytes from one row to the next
     */
    Region(long at, long bytes, long rowBytes) {
        this(at, bytes, rowBytes, false);
    }

    private Region(long at, long bytes, long rowBytes, boolean fixed) {
        this.at = at;
        this.bytes = bytes;
        this.rowBytes = rowBytes;
        this.fixed = fixed;
    }

    /** Memory at an address that no pass changes. */
    static Region fixed(long address, long bytes, long rowBytes) {
        return new Region(address, bytes, rowBytes, true);
    }

    /**
     * Its address.
     *
     * @param base of the memory of the pass
     */
    long address(long base) {
        return fixed ? at : base + at;
    }

    long at() {
        return at;
    }

    long bytes() {
        return bytes;
    }

    long rowBytes() {
        return rowBytes;
    }
}
