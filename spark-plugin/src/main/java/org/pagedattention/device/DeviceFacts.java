package org.pagedattention.device;

import java.io.Serializable;

/**
 * One GPU that this process can see.
 *
 * @param uuid as {@code nvidia-smi -L} writes it, such as {@code GPU-5fd4f087-...}; names the GPU on every host
 * @param name product name
 * @param memoryBytes all of its memory
 * @param software versions that matter, such as {@code driver 580.95, CUDA 13.0, cuDNN 9.19.0}
 */
public record DeviceFacts(String uuid, String name, long memoryBytes, String software) implements Serializable {

    @Override
    public String toString() {
        return name + " (" + uuid + ", " + (memoryBytes >> 20) + " MiB, " + software + ")";
    }
}
