package org.pagedattention.columns;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.pagedattention.gpu.cudf.HostImage;

/** Pieces of host memory that follow on each other. */
final class HostParts implements HostBytes, AutoCloseable {
    private final List<HostImage> parts = new ArrayList<>();
    private long size;

    /** Appends {@code part}, which this closes from now on. */
    void add(HostImage part) {
        parts.add(part);
        size += part.bytes();
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public List<ByteBuffer> slices(long from, long to) {
        List<ByteBuffer> slices = new ArrayList<>();
        long start = 0;
        for (HostImage part : parts) {
            long end = start + part.bytes();
            if (from < end && to > start) {
                slices.addAll(part.slices(Math.max(from, start) - start, Math.min(to, end) - start));
            }
            start = end;
        }
        return slices;
    }

    @Override
    public void close() {
        parts.forEach(HostImage::close);
        parts.clear();
    }
}
