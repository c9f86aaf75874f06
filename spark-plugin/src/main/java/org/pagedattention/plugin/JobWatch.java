package org.pagedattention.plugin;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;

/** Knows which jobs run and whether any executor came for them, and frees the GPUs of executors that Spark lost. */
final class JobWatch extends SparkListener {
    private final DeviceRegistry registry;
    private final Set<Integer> active = new HashSet<>();
    private boolean executors;

    JobWatch(DeviceRegistry registry) {
        this.registry = registry;
    }

    @Override
    public synchronized void onExecutorAdded(SparkListenerExecutorAdded event) {
        executors = true;
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

    /** Whether a job runs though no executor was ever there. */
    synchronized boolean starves() {
        return !executors && !active.isEmpty();
    }

    synchronized List<Integer> activeJobs() {
        return List.copyOf(active);
    }
}
