package org.pagedattention.device;

import org.jspecify.annotations.Nullable;

/**
 * The device is lost to this process: every later call fails too, so neither this task nor another one here can
 * succeed. Only a new process helps. Whoever runs tasks ends the process and starts the work elsewhere; nobody retries
 * it here.
 */
public class FatalDeviceException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    /** A chain of causes may be a ring. */
    private static final int MAX_CAUSES = 50;

    public FatalDeviceException(String message) {
        super(message);
    }

    /** The first of its kind among {@code failure} and its causes, or null. */
    public static @Nullable FatalDeviceException in(@Nullable Throwable failure) {
        int depth = 0;
        for (Throwable t = failure; t != null && depth < MAX_CAUSES; t = t.getCause()) {
            if (t instanceof FatalDeviceException fatal) {
                return fatal;
            }
            depth++;
        }
        return null;
    }
}
