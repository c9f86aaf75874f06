package org.pagedattention.plugin;

import java.io.Serializable;

/**
 * An executor that could not start.
 *
 * @param executorId Spark's id
 * @param host where it ran
 * @param detail why, and what to change
 */
record StartFailure(String executorId, String host, String detail) implements Serializable {

    @Override
    public String toString() {
        return "executor " + executorId + " on " + host + " did not start: " + detail;
    }
}
