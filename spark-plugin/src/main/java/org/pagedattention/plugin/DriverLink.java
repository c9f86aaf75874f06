package org.pagedattention.plugin;

import java.io.IOException;
import java.time.Duration;
import org.apache.spark.api.plugin.PluginContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How an executor talks to the driver's side of the plugin. */
final class DriverLink {
    private static final Logger LOG = LoggerFactory.getLogger(DriverLink.class);
    private static final int ATTEMPTS = 4;

    private final PluginContext context;
    private final Duration pause;

    /**
     * @param pause between attempts to book a GPU
     */
    DriverLink(PluginContext context, Duration pause) {
        this.context = context;
        this.pause = pause;
    }

    /**
     * Books the GPU of {@code report}.
     *
     * @throws IllegalStateException when another executor has it
     */
    void register(ExecutorReport report) throws Exception {
        Object refusal = "";
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            refusal = context.ask(report);
            if ("".equals(refusal)) {
                return;
            }
            // of an executor that this one replaces, the driver may learn a little later than we start
            if (attempt < ATTEMPTS) {
                Thread.sleep(pause.toMillis());
            }
        }
        throw new IllegalStateException(String.valueOf(refusal));
    }

    /** Tells the driver and waits until it knows. A driver that cannot be reached must not hide the failure told of. */
    void tell(Object message) {
        try {
            context.ask(message);
        } catch (Exception e) {
            LOG.error("the driver could not be told: {}", message, e);
        }
    }

    /** Tells the driver without waiting. */
    void send(Object message) {
        try {
            context.send(message);
        } catch (IOException e) {
            LOG.debug("the driver could not be told: {}", message, e);
        }
    }
}
