package org.pagedattention.cudnn.library;

/** What a cuDNN status means; its thousands name the kind of failure. */
final class CudnnStatus {
    private static final int SUCCESS = 0;
    private static final int NOT_INITIALIZED = 1001;
    private static final int SUBLIBRARY_VERSION_MISMATCH = 1002;
    private static final int DEVICE_ALLOCATION_FAILED = 4004;

    private CudnnStatus() {}

    static boolean ok(int status) {
        return status == SUCCESS;
    }

    static boolean notSupported(int status) {
        return status / 1000 == 3;
    }

    /** Whether the failure may come from a broken CUDA context. */
    static boolean mayBeFatal(int status) {
        return status / 1000 >= 4;
    }

    static boolean outOfMemory(int status) {
        return status == DEVICE_ALLOCATION_FAILED;
    }

    /** What the status says about the cause, for people. */
    static String explain(int status) {
        if (status == NOT_INITIALIZED) {
            return "cuDNN could not start: the driver may be too old for it, or one of its libraries is missing";
        }
        if (status == SUBLIBRARY_VERSION_MISMATCH) {
            return "libraries of two cuDNN versions were mixed: set spark.pagedAttention.cudnn.libraryPath to one folder "
                    + "and keep other versions out of LD_LIBRARY_PATH";
        }
        return switch (status / 1000) {
            case 2 -> "a descriptor is malformed, which is a defect of this program";
            case 3 -> "this cuDNN has no kernel for it on this GPU";
            case 4 -> "cuDNN failed inside";
            case 5 -> "the GPU work could not be launched";
            default -> "unknown cause";
        };
    }
}
