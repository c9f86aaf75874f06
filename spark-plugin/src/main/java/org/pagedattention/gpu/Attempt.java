package org.pagedattention.gpu;

import org.pagedattention.device.FatalDeviceException;

/**
 * Work with an end of its own. Of two failures the first counts, unless the second says that the GPU is lost; the other is
 * attached.
 */
public final class Attempt {
    private Attempt() {}

    /** Does {@code work}, and {@code undo} where it fails. */
    public static void orUndo(Runnable work, Runnable undo) {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            try {
                undo.run();
            } catch (FatalDeviceException lost) {
                attach(lost, e);
                throw lost;
            } catch (RuntimeException next) {
                attach(e, next);
            }
            throw e;
        }
    }

    /** Does {@code work}, and {@code last} whatever became of it. */
    public static void andThen(Runnable work, Runnable last) {
        orUndo(work, last);
        last.run();
    }

    private static void attach(Throwable counts, Throwable other) {
        if (counts != other) {
            counts.addSuppressed(other);
        }
    }
}
