package org.pagedattention.gpu;

import java.util.concurrent.atomic.AtomicLong;

/** Lets tests make the nth use of GPU memory fail, as if there were none left. Nothing fails unless it is asked for. */
public final class InjectedFailures implements MemoryUse {
    private static final AtomicLong REMAINING = new AtomicLong();

    /** Makes the {@code nth} use from now on fail, counting from 1; 0 lets all succeed. */
    public static void failNth(long nth) {
        REMAINING.set(nth);
    }

    @Override
    public void before(String what, long bytes) {
        if (REMAINING.get() > 0 && REMAINING.decrementAndGet() == 0) {
            throw new GpuOutOfMemoryException("GPU memory for " + what + " (injected)", bytes, -1);
        }
    }
}
