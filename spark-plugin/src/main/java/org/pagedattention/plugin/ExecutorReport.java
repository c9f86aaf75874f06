package org.pagedattention.plugin;

import java.io.Serializable;

/**
 * What an executor says of itself when it starts.
 *
 * @param executorId Spark's id
 * @param host where it runs
 * @param pid its process there
 * @param device index of its GPU as the process counts them; negative without one
 * @param uuid the GPU's own name; empty where it cannot be asked
 * @param deviceText name, memory and versions for people; empty where they cannot be asked
 * @param backend what it will attend with
 * @param reason why not with a GPU; empty with one
 */
public record ExecutorReport(
        String executorId,
        String host,
        long pid,
        int device,
        String uuid,
        String deviceText,
        String backend,
        String reason)
        implements Serializable {

    boolean hasGpu() {
        return device >= 0;
    }

    /** The same for the same GPU, whatever process reports it: a UUID is unique, an index is so on its host. */
    String gpuKey() {
        return uuid.isEmpty() ? host + ", GPU " + device : uuid;
    }

    @Override
    public String toString() {
        String gpu = hasGpu() ? "GPU " + device + (deviceText.isEmpty() ? "" : ": " + deviceText) : "no GPU";
        return "executor " + executorId + " on " + host + " (process " + pid + "): backend " + backend + ", " + gpu
                + (reason.isEmpty() ? "" : "; " + reason);
    }
}
