package org.pagedattention.plugin;

import com.codahale.metrics.MetricRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.resource.ResourceInformation;

/** What Spark gives a plugin, and a driver that answers at once. */
final class FakeContext implements PluginContext {
    final List<Object> asked = new ArrayList<>();
    final List<Object> sent = new ArrayList<>();

    private final MetricRegistry metrics = new MetricRegistry();
    private final Map<String, ResourceInformation> resources = new HashMap<>();
    private final DriverSide driver;
    private final String executorId;

    FakeContext(DriverSide driver, String executorId, String... gpus) {
        this.driver = driver;
        this.executorId = executorId;
        if (gpus.length > 0) {
            resources.put("gpu", new ResourceInformation("gpu", gpus));
        }
    }

    @Override
    public MetricRegistry metricRegistry() {
        return metrics;
    }

    /** Without settings of ours: of these, executors are told by the driver. */
    @Override
    public SparkConf conf() {
        return new SparkConf(false);
    }

    @Override
    public String executorID() {
        return executorId;
    }

    @Override
    public String hostname() {
        throw new NullPointerException("as Spark's own does in executors of a cluster");
    }

    @Override
    public Map<String, ResourceInformation> resources() {
        return resources;
    }

    @Override
    public void send(Object message) {
        sent.add(message);
        driver.receive(message);
    }

    @Override
    public Object ask(Object message) {
        asked.add(message);
        return driver.receive(message);
    }
}
