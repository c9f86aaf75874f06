package org.pagedattention.cpu;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;

/**
 * The threads that one batch may use: the calling one and its helpers.
 *
 * @param threads of them together
 * @param helpers runs what the others do
 */
record Crew(int threads, Executor helpers) {

    /**
     * Hands out {@code pieces} pieces of work, one at a time, and waits until all are done.
     *
     * @param work called once on every thread that takes part: does piece after piece, until it is given a negative one
     */
    void share(int pieces, Consumer<IntSupplier> work) {
        AtomicInteger next = new AtomicInteger();
        IntSupplier pick = () -> {
            int piece = next.getAndIncrement();
            return piece < pieces ? piece : -1;
        };
        CompletableFuture<?>[] others = IntStream.range(0, Math.min(threads, pieces) - 1)
                .mapToObj(i -> CompletableFuture.runAsync(() -> work.accept(pick), helpers))
                .toArray(CompletableFuture<?>[]::new);
        try {
            work.accept(pick);
        } finally {
            next.set(pieces);
            join(others);
        }
    }

    private static void join(CompletableFuture<?>[] others) {
        try {
            CompletableFuture.allOf(others).join();
        } catch (CompletionException e) {
            throw new IllegalStateException("the CPU backend failed on a helper thread: " + e.getCause(), e.getCause());
        }
    }
}
