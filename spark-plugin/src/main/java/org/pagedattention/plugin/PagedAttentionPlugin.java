package org.pagedattention.plugin;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.SparkPlugin;
import org.jspecify.annotations.Nullable;

/** What {@code spark.plugins} names. */
public final class PagedAttentionPlugin implements SparkPlugin {
    private static final AtomicReference<@Nullable DriverSide> LATEST = new AtomicReference<>();

    @Override
    public DriverPlugin driverPlugin() {
        DriverSide driver = new DriverSide();
        LATEST.set(driver);
        return driver;
    }

    @Override
    public ExecutorPlugin executorPlugin() {
        return new ExecutorSide();
    }

    /**
     * What the executors of the application of this JVM reported so far; of the latest one after it stopped. Empty
     * where no application had the plugin. A task's figures arrive shortly after its result.
     */
    public static Optional<ClusterSummary> summary() {
        return Optional.ofNullable(LATEST.get()).map(DriverSide::summary);
    }
}
