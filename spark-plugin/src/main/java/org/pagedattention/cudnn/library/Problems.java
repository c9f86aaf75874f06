package org.pagedattention.cudnn.library;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.pagedattention.gpu.GpuDevice;

/** What can be missing for the GPU backend, each with what to do about it. */
final class Problems {
    /** What the CUDA runtime within JCuda needs, as {@code cudaDriverGetVersion} counts. */
    static final int OLDEST_DRIVER = 12000;

    private static final int NO_DEVICE = 100;
    private static final int OLDEST_CAPABILITY = 8;

    private Problems() {}

    static Optional<String> platform(String os, String arch) {
        boolean known = os.equals("Linux") && (arch.equals("amd64") || arch.equals("x86_64"));
        return known
                ? Optional.empty()
                : Optional.of("its native libraries are for Linux on x86_64, and this is " + os + " on " + arch
                        + ": run on such a machine");
    }

    static String natives(Throwable cause) {
        return "JCuda's native libraries cannot be loaded (" + firstLine(cause)
                + "): check that java.io.tmpdir is writable and allows executables";
    }

    /**
     * Problems of driver and GPU.
     *
     * @param driver what {@code cudaDriverGetVersion} gave, 0 without a driver
     * @param status what {@code cudaGetDeviceCount} returned
     * @param devices visible GPUs
     * @param index the GPU to use
     */
    static Optional<String> devices(int driver, int status, int devices, int index) {
        if (driver == 0) {
            return Optional.of(
                    "no NVIDIA driver answers on this machine: on a machine with an NVIDIA GPU install driver "
                            + "525 or newer and see that nvidia-smi works, and in a container pass the GPU through");
        }
        if (driver < OLDEST_DRIVER) {
            return Optional.of("the NVIDIA driver is too old: it supports CUDA " + cuda(driver) + " and CUDA "
                    + cuda(OLDEST_DRIVER) + " is needed; update the driver to 525 or newer");
        }
        if (status == NO_DEVICE || (status == 0 && devices == 0)) {
            return Optional.of("the NVIDIA driver shows no GPU: check nvidia-smi and CUDA_VISIBLE_DEVICES");
        }
        if (status != 0) {
            return Optional.of("CUDA cannot start (status " + status + "): check nvidia-smi");
        }
        return index < devices
                ? Optional.empty()
                : Optional.of("GPU device " + index + " does not exist, " + devices
                        + " visible here: set spark.pagedAttention.gpu.device below " + devices);
    }

    static Optional<String> capability(GpuDevice gpu) {
        return gpu.major() >= OLDEST_CAPABILITY
                ? Optional.empty()
                : Optional.of(gpu + " is too old for fused attention: use a GPU of compute capability "
                        + OLDEST_CAPABILITY + ".0 (Ampere) or higher");
    }

    static String libraryMissing(List<Path> searched) {
        return "libcudnn.so.9 was not found; searched "
                + searched.stream().map(Path::toString).collect(Collectors.joining(", "))
                + ": install cuDNN 9.15 or newer, or set spark.pagedAttention.cudnn.libraryPath to its file or folder";
    }

    static String libraryBroken(CudnnLibrary library, Throwable cause) {
        String where = library.file().map(Path::toString).orElse("libcudnn.so.9");
        return where + " cannot be loaded (" + firstLine(cause)
                + "): check that all libcudnn_*.so.9 of one version lie beside it, or set "
                + "spark.pagedAttention.cudnn.libraryPath to another cuDNN";
    }

    /**
     * Problems of cuDNN.
     *
     * @param builtFor CUDA that it was built for, as {@code cudnnGetCudartVersion} counts
     */
    static Optional<String> cudnn(CudnnVersion version, int builtFor, int driver) {
        if (builtFor / 1000 > driver / 1000) {
            return Optional.of("cuDNN " + version + " is built for CUDA " + builtFor / 1000
                    + " and the driver supports CUDA " + cuda(driver) + ": update the driver, or set "
                    + "spark.pagedAttention.cudnn.libraryPath to a cuDNN for CUDA " + driver / 1000);
        }
        return version.refusal();
    }

    /** {@code 12080} is CUDA 12.8. */
    static String cuda(int version) {
        return version / 1000 + "." + version % 1000 / 10;
    }

    private static String firstLine(Throwable cause) {
        return String.valueOf(cause.getMessage()).lines().findFirst().orElse("no message");
    }
}
