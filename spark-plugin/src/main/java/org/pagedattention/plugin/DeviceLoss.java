package org.pagedattention.plugin;

import java.io.Serializable;

/**
 * An executor that ends because its GPU is lost to it.
 *
 * @param executorId Spark's id
 * @param host where it ran
 * @param detail what CUDA said
 */
record DeviceLoss(String executorId, String host, String detail) implements Serializable {

    @Override
    public String toString() {
        return "executor " + executorId + " on " + host + " lost its GPU and ends with status "
                + ExecutorSide.DEVICE_LOST + ", so that Spark starts another: " + detail;
    }
}
