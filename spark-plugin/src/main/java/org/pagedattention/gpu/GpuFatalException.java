package org.pagedattention.gpu;

import org.pagedattention.device.FatalDeviceException;

/**
 * The CUDA context of this process is broken: every later call fails too. Only a new process helps, so the executor
 * must end.
 */
public final class GpuFatalException extends FatalDeviceException {
    private static final long serialVersionUID = 1L;

    public GpuFatalException(String message) {
        super(message);
    }
}
