package org.pagedattention.columns;

import java.util.concurrent.Semaphore;

/**
 * What the tasks of one process share: how many pieces of files are on the GPU at once, and how much of one is decoded at
 * a time. Pure.
 */
public final class GpuShare {
    private final int places;
    private final Semaphore free;
    private final long smallestChunk;
    private long chunkBytes;

    /**
     * @param places threads that use the GPU at once, with a piece each
     * @param chunkBytes of columns to decode at a time
     * @param smallestChunk below which smaller chunks are not tried
     */
    public GpuShare(int places, long chunkBytes, long smallestChunk) {
        this.places = places;
        this.free = new Semaphore(places, true);
        this.chunkBytes = chunkBytes;
        this.smallestChunk = smallestChunk;
    }

    /** Waits for a place. */
    void enter() {
        free.acquireUninterruptibly();
    }

    void leave() {
        free.release();
    }

    /** Does {@code work} while nobody else uses the GPU; for one who has a place. */
    void alone(Runnable work) {
        // the own place first: two who wait for each other's would wait for ever
        free.release();
        free.acquireUninterruptibly(places);
        try {
            work.run();
        } finally {
            free.release(places - 1);
        }
    }

    /** Bytes of columns to decode at a time. */
    public synchronized long chunkBytes() {
        return chunkBytes;
    }

    /**
     * Makes chunks smaller for all tasks, after memory ran out with chunks of {@code failed} bytes.
     *
     * @return whether that is possible
     */
    synchronized boolean halve(long failed) {
        if (failed <= smallestChunk) {
            return false;
        }
        chunkBytes = Math.min(chunkBytes, Math.max(smallestChunk, failed / 2));
        return true;
    }
}
