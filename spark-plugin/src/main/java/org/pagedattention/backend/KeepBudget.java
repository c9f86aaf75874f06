package org.pagedattention.backend;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Bytes that all passes of a backend may keep together. Thread-safe. */
public final class KeepBudget {
    private final LongSupplier most;
    private final AtomicLong taken = new AtomicLong();

    /**
     * @param most bytes, which may change
     */
    public KeepBudget(LongSupplier most) {
        this.most = most;
    }

    /** Takes some, if that many are left. */
    public boolean take(long bytes) {
        if (taken.addAndGet(bytes) <= most.getAsLong()) {
            return true;
        }
        giveBack(bytes);
        return false;
    }

    public void giveBack(long bytes) {
        taken.addAndGet(-bytes);
    }

    /** Bytes that are taken now. */
    public long taken() {
        return taken.get();
    }
}
