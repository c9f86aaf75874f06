package org.pagedattention.cudnn.library;

import java.nio.file.Path;
import java.util.List;

/** What is said of a driver and of cuDNN that cannot work, by the functions that decide it. */
public final class LibraryErrors {
    private LibraryErrors() {}

    /** Of a driver that knows CUDA 11.4 at most. */
    public static String oldDriver() {
        return Problems.devices(11040, 0, 1, 0).orElseThrow();
    }

    /** Of a driver that shows no GPU. */
    public static String noGpu() {
        return Problems.devices(13000, 0, 0, 0).orElseThrow();
    }

    /** Of a search that found nothing. */
    public static String noCudnn() {
        return Problems.libraryMissing(List.of(Path.of("/usr/lib")));
    }

    /** Of a cuDNN for a newer CUDA than the driver's. */
    public static String cudnnForNewerCuda() {
        return Problems.cudnn(new CudnnVersion(9, 19, 0), 13000, 12080).orElseThrow();
    }

    /** Of a cuDNN that gives wrong results. */
    public static String wrongCudnn() {
        return Problems.cudnn(new CudnnVersion(9, 10, 0), 12000, 13000).orElseThrow();
    }
}
