package org.pagedattention.backend;

/**
 * What a backend counted since it was made; every figure only grows.
 *
 * @param planHits batches that found their plan ready
 * @param planMisses plans that had to be built, or restored
 * @param plansRestored those of them that an earlier process had built
 * @param bytesCopied bytes moved to and from the device
 * @param bytesToDevice those of them that moved to the device
 * @param deviceNanos time that the device worked
 */
public record BackendMetrics(
        long planHits, long planMisses, long plansRestored, long bytesCopied, long bytesToDevice, long deviceNanos) {

    /** Of a backend that has neither plans nor a device. */
    public static final BackendMetrics NONE = new BackendMetrics(0, 0, 0, 0, 0, 0);

    public BackendMetrics plus(BackendMetrics other) {
        return new BackendMetrics(
                planHits + other.planHits,
                planMisses + other.planMisses,
                plansRestored + other.plansRestored,
                bytesCopied + other.bytesCopied,
                bytesToDevice + other.bytesToDevice,
                deviceNanos + other.deviceNanos);
    }
}
