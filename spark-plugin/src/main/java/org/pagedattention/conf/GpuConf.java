package org.pagedattention.conf;

import java.io.Serializable;
import org.pagedattention.device.GpuLimits;

/**
 * Which GPU is used, and how much of it.
 *
 * @param limits what the executor may keep
 * @param allowSharedDevice whether two executors may use one GPU
 * @param deterministic whether sequences get the same bits on a GPU in every batch
 * @param device the GPU to use where Spark assigns none; negative for the first
 */
public record GpuConf(GpuLimits limits, boolean allowSharedDevice, boolean deterministic, int device)
        implements Serializable {

    static GpuConf read(Settings settings) {
        return new GpuConf(
                limits(settings),
                settings.read(
                        "gpu.allowSharedDevice",
                        "false",
                        Parsers.yesOrNo(),
                        "Whether two executors may use the same GPU; otherwise the second is refused"),
                settings.read(
                        "gpu.deterministic",
                        "false",
                        Parsers.yesOrNo(),
                        "Whether a sequence gets the same bits on the GPU whatever else is in its batch, without cuDNN's"
                                + " kernel for decoding. On the CPU it always does"),
                settings.read(
                        "gpu.device",
                        "auto",
                        Parsers.deviceOrAuto(),
                        "Index of the GPU to use where Spark assigns none, as in local mode; `auto`: the first"));
    }

    private static GpuLimits limits(Settings settings) {
        return new GpuLimits(
                settings.read(
                        "gpu.memoryFraction",
                        "0.8",
                        Parsers.fraction(),
                        "Share of the GPU memory free at its start that the executor may keep"),
                settings.read(
                        "gpu.pinnedBytes",
                        "auto",
                        Parsers.bytesOrAuto(Long.MAX_VALUE),
                        "Pinned host memory that the executor keeps, such as `4g`; `auto`: what its batches need, at most a quarter of the host's"),
                settings.read(
                        "gpu.concurrentBatches",
                        "4",
                        Parsers.number(1, 64),
                        "Batches on one GPU at once, whatever the number of tasks; each has a stream, so that they copy and"
                                + " compute side by side. On the direct path as many pieces of files are on the GPU at once,"
                                + " and more where it has room"));
    }
}
