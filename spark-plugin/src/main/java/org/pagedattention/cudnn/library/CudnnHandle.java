package org.pagedattention.cudnn.library;

import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnHandle;
import org.pagedattention.gpu.GpuStream;
import org.pagedattention.gpu.NativeHandles;

/** A cuDNN context of one device; for one thread at a time. */
public final class CudnnHandle implements AutoCloseable {
    private final Native handle = new Native();
    private boolean open = true;

    /** JCuda hides the value that descriptors need. */
    private static final class Native extends cudnnHandle {
        long value() {
            return getNativePointer();
        }
    }

    /** A handle of the device that is current on this thread. */
    public CudnnHandle() {
        CudnnCalls.check(JCudnn.cudnnCreate(handle), "cudnnCreate");
        NativeHandles.opened();
    }

    public void use(GpuStream stream) {
        CudnnCalls.check(JCudnn.cudnnSetStream(handle, stream.handle()), "cudnnSetStream");
    }

    public cudnnHandle jcuda() {
        return handle;
    }

    public long value() {
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
