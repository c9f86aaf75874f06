package org.pagedattention.backend;

import java.io.Serializable;
import org.pagedattention.device.GpuLimits;

/**
 * What a backend needs to know of the machine it was given.
 *
 * @param threads CPU threads one batch may use, the calling thread included
 * @param device index of the GPU to use, as CUDA counts the visible ones
 * @param cudnnLibraryPath file or folder of {@code libcudnn.so.9}; empty for the system's search path
 * @param kernel CPU kernel: {@code auto}, {@code vector} or {@code scalar}
 * @param gpu how much of the GPU's host and device to use
 * @param deterministic whether a sequence must get the same bits on a GPU in every batch; on a CPU it always does
 * @param modelType what whole models compute in
 */
public record BackendSettings(
        int threads,
        int device,
        String cudnnLibraryPath,
        String kernel,
        GpuLimits gpu,
        boolean deterministic,
        ModelType modelType)
        implements Serializable {

    public BackendSettings {
        if (threads < 1) {
            throw new IllegalArgumentException("threads " + threads + " is below 1: set spark.task.cpus to 1 or more");
        }
        if (device < 0) {
            throw new IllegalArgumentException("GPU device " + device + " is negative: devices count from 0");
        }
    }

    /** One thread, the first GPU, libraries from the system's search path. */
    public static BackendSettings defaults() {
        return new BackendSettings(1, 0, "", "auto", GpuLimits.defaults(), false, ModelType.AUTO);
    }

    public BackendSettings withThreads(int count) {
        return new BackendSettings(count, device, cudnnLibraryPath, kernel, gpu, deterministic, modelType);
    }

    public BackendSettings withDevice(int index) {
        return new BackendSettings(threads, index, cudnnLibraryPath, kernel, gpu, deterministic, modelType);
    }

    public BackendSettings withCudnnLibraryPath(String path) {
        return new BackendSettings(threads, device, path, kernel, gpu, deterministic, modelType);
    }

    public BackendSettings withKernel(String name) {
        return new BackendSettings(threads, device, cudnnLibraryPath, name, gpu, deterministic, modelType);
    }

    public BackendSettings withGpu(GpuLimits limits) {
        return new BackendSettings(threads, device, cudnnLibraryPath, kernel, limits, deterministic, modelType);
    }

    public BackendSettings withDeterministic(boolean sameBits) {
        return new BackendSettings(threads, device, cudnnLibraryPath, kernel, gpu, sameBits, modelType);
    }

    public BackendSettings withModelType(ModelType type) {
        return new BackendSettings(threads, device, cudnnLibraryPath, kernel, gpu, deterministic, type);
    }
}
