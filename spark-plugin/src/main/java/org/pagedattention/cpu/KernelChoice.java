package org.pagedattention.cpu;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.InvocationTargetException;

/** Which kernel runs: strict when one is named, lenient only for {@code auto}. */
final class KernelChoice {
    static final String AUTO = "auto";
    static final String VECTOR = "vector";
    static final String SCALAR = "scalar";

    private static final Logger LOG = System.getLogger(KernelChoice.class.getName());
    private static final String MODULE = "jdk.incubator.vector";
    private static final String VECTOR_KERNEL = "org.pagedattention.cpu.vector.VectorKernel";

    private KernelChoice() {}

    /**
     * The kernel of that name.
     *
     * @throws IllegalStateException when it cannot be had here
     * @throws IllegalArgumentException when there is none
     */
    static AttentionKernel kernel(String requested) {
        return kernel(requested, ModuleLayer.boot().findModule(MODULE).isPresent());
    }

    static AttentionKernel kernel(String requested, boolean moduleIsThere) {
        return switch (requested) {
            case SCALAR -> new ScalarKernel();
            case VECTOR -> {
                if (!moduleIsThere) {
                    throw new IllegalStateException("the vector CPU kernel needs the module " + MODULE
                            + ": start Java with --add-modules " + MODULE + ", or choose the kernel auto or scalar");
                }
                yield vectorKernel();
            }
            case AUTO -> {
                if (!moduleIsThere) {
                    LOG.log(
                            Level.WARNING,
                            "The CPU backend runs its slow scalar kernel: start Java with --add-modules " + MODULE
                                    + " for the vector kernel");
                    yield new ScalarKernel();
                }
                yield vectorKernelOrScalar();
            }
            default ->
                throw new IllegalArgumentException(
                        "CPU kernel '" + requested + "' is not known: use auto, vector or scalar");
        };
    }

    private static AttentionKernel vectorKernelOrScalar() {
        try {
            return vectorKernel();
        } catch (IllegalStateException e) {
            LOG.log(Level.WARNING, "The CPU backend runs its slow scalar kernel: {0}", e.getMessage());
            return new ScalarKernel();
        }
    }

    /** By name: a class that names it would not load without the module. */
    private static AttentionKernel vectorKernel() {
        try {
            return Class.forName(VECTOR_KERNEL)
                    .asSubclass(AttentionKernel.class)
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(e.getTargetException().getMessage(), e);
        } catch (ReflectiveOperationException | LinkageError e) {
            throw new IllegalStateException("the vector CPU kernel does not load: " + e, e);
        }
    }
}
