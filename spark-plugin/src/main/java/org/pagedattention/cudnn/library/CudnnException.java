package org.pagedattention.cudnn.library;

import org.pagedattention.gpu.GpuException;

/** A cuDNN call failed. */
public final class CudnnException extends GpuException {
    private static final long serialVersionUID = 1L;

    private final int status;

    public CudnnException(String message, int status) {
        super(message);
        this.status = status;
    }

    int status() {
        return status;
    }

    /** Whether cuDNN understood what was asked and has no kernel for it. */
    public boolean notSupported() {
        return CudnnStatus.notSupported(status);
    }
}
