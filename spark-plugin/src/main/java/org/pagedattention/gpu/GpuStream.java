package org.pagedattention.gpu;

import java.util.concurrent.atomic.AtomicLong;
import jcuda.runtime.JCuda;
import jcuda.runtime.cudaMemcpyKind;
import jcuda.runtime.cudaStream_t;

/** A queue of GPU work that runs in order, apart from other streams. */
public final class GpuStream implements AutoCloseable {
    /** Does not wait for the legacy default stream, which other libraries may use. */
    private static final int NON_BLOCKING = 1;

    private final cudaStream_t stream = new cudaStream_t();
    private final AtomicLong copiedBytes = new AtomicLong();
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

    /** Copies from pinned host memory to the device. */
    public void upload(long device, long host, long bytes) {
        copy(device, host, bytes, cudaMemcpyKind.cudaMemcpyHostToDevice);
    }

    /** Copies from the device to pinned host memory. */
    public void download(long host, long device, long bytes) {
        copy(host, device, bytes, cudaMemcpyKind.cudaMemcpyDeviceToHost);
    }

    /** Copies within device memory. */
    public void copyOnDevice(long target, long source, long bytes) {
        copy(target, source, bytes, cudaMemcpyKind.cudaMemcpyDeviceToDevice);
    }

    /** Copies {@code rows} of {@code rowBytes} each, end to end on the host and {@code pitch} apart on the device. */
    public void uploadRows(long device, long pitch, long host, long rowBytes, long rows) {
        if (pitch == rowBytes) {
            upload(device, host, rowBytes * rows);
        } else {
            copyRows(device, pitch, host, rowBytes, rowBytes, rows, cudaMemcpyKind.cudaMemcpyHostToDevice);
        }
    }

    /** Copies {@code rows} of {@code rowBytes} each, {@code pitch} apart on the device and end to end on the host. */
    public void downloadRows(long host, long device, long pitch, long rowBytes, long rows) {
        if (pitch == rowBytes) {
            download(host, device, rowBytes * rows);
        } else {
            copyRows(host, rowBytes, device, pitch, rowBytes, rows, cudaMemcpyKind.cudaMemcpyDeviceToHost);
        }
    }

    /** Copies {@code rows} of {@code rowBytes} each within device memory; their starts lie a pitch apart on each side. */
    public void copyRowsOnDevice(
            long target, long targetPitch, long source, long sourcePitch, long rowBytes, long rows) {
        if (targetPitch == rowBytes && sourcePitch == rowBytes) {
            copyOnDevice(target, source, rowBytes * rows);
        } else {
            int kind = cudaMemcpyKind.cudaMemcpyDeviceToDevice;
            copyRows(target, targetPitch, source, sourcePitch, rowBytes, rows, kind);
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

    private void copy(long target, long source, long bytes, int kind) {
        if (bytes > 0) {
            int status = JCuda.cudaMemcpyAsync(new Address(target), new Address(source), bytes, kind, stream);
            CudaCalls.check(status, "cudaMemcpyAsync");
            copiedBytes.addAndGet(bytes);
        }
    }

    private void copyRows(
            long target, long targetPitch, long source, long sourcePitch, long rowBytes, long rows, int kind) {
        if (rows > 0) {
            int status = JCuda.cudaMemcpy2DAsync(
                    new Address(target), targetPitch, new Address(source), sourcePitch, rowBytes, rows, kind, stream);
            CudaCalls.check(status, "cudaMemcpy2DAsync");
            copiedBytes.addAndGet(rowBytes * rows);
        }
    }
}
