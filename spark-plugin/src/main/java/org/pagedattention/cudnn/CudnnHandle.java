package org.pagedattention.cudnn;

import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnHandle;
import org.pagedattention.gpu.GpuStream;
import org.pagedattention.gpu.NativeHandles;

/** A cuDNN context of one device; for one thread at a time. */
final class CudnnHandle implements AutoCloseable {
    private final Native handle = new Native();
    private boolean open = true;

    /** JCuda hides the value that descriptors need. */
    private static final class Native extends cudnnHandle {
        long value() {
            return getNativePointer();
        }
    }

    /** A handle of the device that is current on this thread. */
    CudnnHandle() {
        CudnnCalls.check(JCudnn.cudnnCreate(handle), "cudnnCreate");
        NativeHandles.opened();
    }

    void use(GpuStream stream) {
        CudnnCalls.check(JCudnn.cudnnSetStream(handle, stream.handle()), "cudnnSetStream");
    }

    cudnnHandle jcuda() {
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
            CudnnCalls.check(JCudnn.cudnnDestroy(handle), "cudnnDestroy");
        }
    }
}
