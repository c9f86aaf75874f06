package org.pagedattention.gpu;

import java.util.concurrent.atomic.AtomicLong;

/** Counts native handles that are open in this process, so that tests can see leaks. */
public final class NativeHandles {
    private static final AtomicLong OPEN = new AtomicLong();

    private NativeHandles() {}

    public static void opened() {
        OPEN.incrementAndGet();
    }

    public static void closed() {
        OPEN.decrementAndGet();
    }

    /** Handles opened and not yet closed. */
    public static long open() {
        return OPEN.get();
    }
}
