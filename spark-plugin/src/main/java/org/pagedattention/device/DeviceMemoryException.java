package org.pagedattention.device;

/**
 * Device or pinned memory ran out. The device is well, and a smaller batch may fit, so the work can be split and tried
 * again. Never an {@link OutOfMemoryError}, which would make Spark end the executor.
 */
public class DeviceMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DeviceMemoryException(String message) {
        super(message);
    }
}
