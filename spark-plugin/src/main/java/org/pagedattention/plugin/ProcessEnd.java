package org.pagedattention.plugin;

import java.time.Duration;
import java.util.function.IntConsumer;

/** Ends this process, even when a shutdown hook waits for a GPU that will never answer. */
final class ProcessEnd implements IntConsumer {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Override
    public void accept(int status) {
        Thread halt = new Thread(() -> halt(status), "paged-attention-halt");
        halt.setDaemon(true);
        halt.start();
        System.exit(status);
    }

    private static void halt(int status) {
        try {
            Thread.sleep(PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(status);
    }
}
