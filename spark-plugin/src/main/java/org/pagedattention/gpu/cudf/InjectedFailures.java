package org.pagedattention.gpu.cudf;

import java.util.concurrent.atomic.AtomicLong;
import org.pagedattention.gpu.GpuOutOfMemoryException;

/**
 * Lets tests make the nth use of GPU memory fail, as if there were none left: system property
 * {@code pagedattention.test.failAllocation}. Nothing fails where it is not set.
 */
public final class InjectedFailures {
    private static final AtomicLong REMAINING = new AtomicLong(Long.getLong("pagedattention.test.failAllocation", 0));

    private InjectedFailures() {}

    /** Makes the {@code nth} use from now on fail, counting from 1; 0 lets all succeed. */
    public static void failNth(long nth) {
        REMAINING.set(nth);
    }

    static void maybeFail(String what, long bytes) {
        if (REMAINING.get() > 0 && REMAINING.decrementAndGet() == 0) {
            throw new GpuOutOfMemoryException("GPU memory for " + what + " (injected)", bytes, -1);
        }
    }
}
