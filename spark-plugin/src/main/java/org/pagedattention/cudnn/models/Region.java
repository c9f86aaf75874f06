package org.pagedattention.cudnn.models;

/** A place in the memory of a pass, equal to itself alone. */
final class Region {
    private final long at;
    private final long bytes;
    private final long rowBytes;

    /**
     * @param at where it begins
     * @param rowBytes from one row to the next
     */
    Region(long at, long bytes, long rowBytes) {
        this.at = at;
        this.bytes = bytes;
        this.rowBytes = rowBytes;
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
