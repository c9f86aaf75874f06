package org.pagedattention.cudnn.device;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bounds how many batches are on a device at once. Who wants to bring one more waits until the oldest has landed, and
 * lands it himself: the GPU ends its work without anybody's help, so nobody waits for a thread that waits for him,
 * however many batches each holds. Pure.
 */
final class Flights {
    private final int most;
    private final Deque<Flight> running = new ArrayDeque<>();
    private final ReentrantLock lock = new ReentrantLock(true);
    private final Condition changed = lock.newCondition();
    private int taken;

    /** A batch on the device. */
    interface Flight {
        /** Waits until the device is done with the batch, and gives its memory there back. Doing it twice is fine. */
        void land();
    }

    Flights(int most) {
        this.most = most;
    }

    /** Takes a place, which {@link #landed} or {@link #cancelled} gives back. */
    void admit() {
        while (true) {
            Flight oldest = null;
            lock.lock();
            try {
                while (taken >= most && running.isEmpty()) {
                    changed.awaitUninterruptibly();
                }
                if (taken < most) {
                    taken++;
                    return;
                }
                oldest = running.element();
            } finally {
                lock.unlock();
            }
            oldest.land();
        }
    }

    /** Lands the oldest batch, to have its memory; false when there is none. */
    boolean landOldest() {
        Flight oldest;
        lock.lock();
        try {
            oldest = running.peek();
        } finally {
            lock.unlock();
        }
        if (oldest != null) {
            oldest.land();
        }
        return oldest != null;
    }

    /** The device works on {@code flight} from now on. */
    void started(Flight flight) {
        lock.lock();
        try {
            running.add(flight);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The device is done with {@code flight}. */
    void landed(Flight flight) {
        lock.lock();
        try {
            running.remove(flight);
            leave();
        } finally {
            lock.unlock();
        }
    }

    /** Gives a place back that no batch took. */
    void cancelled() {
        lock.lock();
        try {
            leave();
        } finally {
            lock.unlock();
        }
    }

    private void leave() {
        taken--;
        changed.signalAll();
    }
}
