package org.pagedattention.gpu;

import java.util.concurrent.atomic.AtomicLong;
import jcuda.runtime.JCuda;
import jcuda.runtime.cudaMemcpyKind;
import jcuda.runtime.cudaStream_t;

/** A queue of GPU work that runs in order, apart from other streams. */
public final class GpuStream implements AutoCloseable {
    /** Does not wait for the legacy default stream, which other libraries may use. */
    private static final int NON_BLOCKING = 1;

    /** Where a copy goes; the host's side is pinned memory. */
    public enum Direction {
        TO_DEVICE(cudaMemcpyKind.cudaMemcpyHostToDevice),
        TO_HOST(cudaMemcpyKind.cudaMemcpyDeviceToHost),
        WITHIN_DEVICE(cudaMemcpyKind.cudaMemcpyDeviceToDevice);

        private final int kind;

        Direction(int kind) {
            this.kind = kind;
        }
    }

    private final cudaStream_t stream = new cudaStream_t();
    private final AtomicLong copiedBytes = new AtomicLong();
    private final AtomicLong uploadedBytes = new AtomicLong();
    private boolean open = true;

    /** A stream of the device that is current on this thread. */
    public GpuStream() {
        CudaCalls.check(JCuda.cudaStreamCreateWithFlags(stream, NON_BLOCKING), "cudaStreamCreateWithFlags");
        NativeHandles.opened();
    }

    public cudaStream_t handle() {
        return stream;
    }

    /** Bytes copied so far, either way. */
    public long copiedBytes() {
        return copiedBytes.get();
    }

    /** Bytes copied to the device so far. */
    public long uploadedBytes() {
        return uploadedBytes.get();
    }

    /** Copies from pinned host memory to the device. */
    public void upload(long device, long host, long bytes) {
        copy(device, host, bytes, Direction.TO_DEVICE);
    }

    /** Copies from the device to pinned host memory. */
    public void download(long host, long device, long bytes) {
        copy(host, device, bytes, Direction.TO_HOST);
    }

    /** Copies within device memory. */
    public void copyOnDevice(long target, long source, long bytes) {
        copy(target, source, bytes, Direction.WITHIN_DEVICE);
    }

    /** Copies {@code rows} of {@code rowBytes} each; their starts lie a pitch apart on each side. */
    public void copyRows(
            Direction direction,
            long target,
            long targetPitch,
            long source,
            long sourcePitch,
            long rowBytes,
            long rows) {
        if (targetPitch == rowBytes && sourcePitch == rowBytes) {
            copy(target, source, rowBytes * rows, direction);
        } else if (rows > 0) {
            int status = JCuda.cudaMemcpy2DAsync(
                    new Address(target),
                    targetPitch,
                    new Address(source),
                    sourcePitch,
                    rowBytes,
                    rows,
                    direction.kind,
                    stream);
            CudaCalls.check(status, "cudaMemcpy2DAsync");
            count(rowBytes * rows, direction);
        }
    }

    /** Sets every byte of device memory to {@code value}. */
    public void fill(long target, int value, long bytes) {
        if (bytes > 0) {
            CudaCalls.check(JCuda.cudaMemsetAsync(new Address(target), value, bytes, stream), "cudaMemsetAsync");
        }
    }

    /** Waits for all work given to the stream. */
    public void synchronize() {
        CudaCalls.check(JCuda.cudaStreamSynchronize(stream), "cudaStreamSynchronize");
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            NativeHandles.closed();
            CudaCalls.check(JCuda.cudaStreamDestroy(stream), "cudaStreamDestroy");
        }
    }

    private void copy(long target, long source, long bytes, Direction direction) {
        if (bytes > 0) {
            int status = JCuda.cudaMemcpyAsync(new Address(target), new Address(source), bytes, direction.kind, stream);
            CudaCalls.check(status, "cudaMemcpyAsync");
            count(bytes, direction);
        }
    }

    private void count(long bytes, Direction direction) {
        copiedBytes.addAndGet(bytes);
        if (direction == Direction.TO_DEVICE) {
            uploadedBytes.addAndGet(bytes);
        }
    }
}
