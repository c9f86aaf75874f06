package org.pagedattention.gpu;

import jcuda.runtime.JCuda;
import jcuda.runtime.cudaMemcpyKind;
import jcuda.runtime.cudaStream_t;

/** A queue of GPU work that runs in order, apart from other streams. */
public final class GpuStream implements AutoCloseable {
    /** Does not wait for the legacy default stream, which other libraries may use. */
    private static final int NON_BLOCKING = 1;

    private final cudaStream_t stream = new cudaStream_t();
    private boolean open = true;

    /** A stream of the device that is current on this thread. */
    public GpuStream() {
        CudaCalls.check(JCuda.cudaStreamCreateWithFlags(stream, NON_BLOCKING), "cudaStreamCreateWithFlags");
        NativeHandles.opened();
    }

    public cudaStream_t handle() {
        return stream;
    }

    /** Copies between host and device, either way, when the work before is done. */
    public void copy(long target, long source, long bytes) {
        if (bytes > 0) {
            int status = JCuda.cudaMemcpyAsync(
                    new Address(target), new Address(source), bytes, cudaMemcpyKind.cudaMemcpyDefault, stream);
            CudaCalls.check(status, "cudaMemcpyAsync");
        }
    }

    /** Copies {@code rows} of {@code rowBytes} each, whose starts lie a pitch apart on each side. */
    public void copyRows(long target, long targetPitch, long source, long sourcePitch, long rowBytes, long rows) {
        if (targetPitch == rowBytes && sourcePitch == rowBytes) {
            copy(target, source, rowBytes * rows);
            return;
        }
        if (rows > 0) {
            int status = JCuda.cudaMemcpy2DAsync(
                    new Address(target),
                    targetPitch,
                    new Address(source),
                    sourcePitch,
                    rowBytes,
                    rows,
                    cudaMemcpyKind.cudaMemcpyDefault,
                    stream);
            CudaCalls.check(status, "cudaMemcpy2DAsync");
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
}
