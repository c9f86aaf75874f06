package org.pagedattention.executor;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** What has to be undone, in reverse; every step runs, even when one before it failed. */
public final class Cleanup {
    private final Deque<Runnable> steps = new ArrayDeque<>();

    /** Adds what is undone before all that was added so far. */
    public synchronized void add(Runnable step) {
        steps.push(step);
    }

    /** Undoes everything; the first failure is thrown at the end, with the others attached. */
    public synchronized void run() {
        RuntimeException failure = null;
        while (!steps.isEmpty()) {
            failure = attempt(steps.pop(), failure);
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static @Nullable RuntimeException attempt(Runnable step, @Nullable RuntimeException before) {
        try {
            step.run();
            return before;
        } catch (RuntimeException | LinkageError e) {
            RuntimeException failure = e instanceof RuntimeException known ? known : new IllegalStateException(e);
            if (before == null) {
                return failure;
            }
            before.addSuppressed(failure);
            return before;
        }
    }
}
