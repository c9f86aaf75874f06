package org.pagedattention.plugin;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;

/** Knows which jobs run, and frees the GPUs of executors that Spark lost. */
final class JobWatch extends SparkListener {
    private final DeviceRegistry registry;
    private final Set<Integer> active = new HashSet<>();

    JobWatch(DeviceRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void onExecutorRemoved(SparkListenerExecutorRemoved event) {
        registry.remove(event.executorId());
    }

    @Override
    public synchronized void onJobStart(SparkListenerJobStart event) {
        active.add(event.jobId());
    }

    @Override
    public synchronized void onJobEnd(SparkListenerJobEnd event) {
        active.remove(event.jobId());
    }

    synchronized List<Integer> activeJobs() {
        return List.copyOf(active);
    }
}
