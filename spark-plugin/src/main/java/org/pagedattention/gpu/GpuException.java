package org.pagedattention.gpu;

/** A call to CUDA or cuDNN failed; the message names the call and the status. */
public class GpuException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public GpuException(String message) {
        super(message);
    }
}
