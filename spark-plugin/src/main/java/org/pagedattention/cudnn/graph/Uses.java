package org.pagedattention.cudnn.graph;

/** Counts who uses something, and frees it when nobody does and nobody will. Pure, thread-safe. */
final class Uses {
    private final Runnable free;
    private int users;
    private boolean retired;

    /**
     * @param free called once
     */
    Uses(Runnable free) {
        this.free = free;
    }

    /** One more user, who has to {@link #release}; false when it is too late. */
    synchronized boolean use() {
        if (retired) {
            return false;
        }
        users++;
        return true;
    }

    synchronized void release() {
        users--;
        freeIfDone();
    }

    /** From now on there are no new users. */
    synchronized void retire() {
        if (!retired) {
            retired = true;
            freeIfDone();
        }
    }

    private void freeIfDone() {
        if (retired && users == 0) {
            free.run();
        }
    }
}
