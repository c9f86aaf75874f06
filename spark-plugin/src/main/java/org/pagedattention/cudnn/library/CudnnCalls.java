package org.pagedattention.cudnn.library;

import jcuda.jcudnn.JCudnn;
import org.pagedattention.gpu.CudaCalls;
import org.pagedattention.gpu.GpuDevice;
import org.pagedattention.gpu.GpuOutOfMemoryException;

/** The one place where statuses of cuDNN become exceptions. */
public final class CudnnCalls {
    private CudnnCalls() {}

    /**
     * Returns when {@code status} is success.
     *
     * @param call the function that returned it
     */
    public static void check(int status, String call) {
        check(status, call, "");
    }

    /**
     * As {@link #check(int, String)}.
     *
     * @param subject what the call was about, such as an attribute's name
     */
    public static void check(int status, String call, Object subject) {
        if (CudnnStatus.ok(status)) {
            return;
        }
        if (CudnnStatus.outOfMemory(status)) {
            throw new GpuOutOfMemoryException("device memory in " + call, 0, GpuDevice.freeBytes());
        }
        if (CudnnStatus.mayBeFatal(status)) {
            CudaCalls.checkContext(call);
        }
        throw new CudnnException(
                call + "(" + subject + ") failed: " + JCudnn.cudnnGetErrorString(status) + " (" + status + "), "
                        + CudnnStatus.explain(status)
                        + "; CUDNN_LOGLEVEL_DBG=3 CUDNN_LOGDEST_DBG=stderr in the environment make cuDNN say more",
                status);
    }
}
