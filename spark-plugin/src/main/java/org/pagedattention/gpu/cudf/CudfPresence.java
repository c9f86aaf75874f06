package org.pagedattention.gpu.cudf;

import java.util.Optional;

/** Whether cuDF is here. Names no class of cuDF, so that it can be asked anywhere. */
public final class CudfPresence {
    private static final String ADVICE =
            ": add the cudf jar for this CUDA version with --jars (ai.rapids:cudf," + " classifier cuda12 or cuda13)";

    private CudfPresence() {}

    /** Why cuDF's classes cannot be used in this JVM; empty when they are there. Loads no native code. */
    public static Optional<String> missing() {
        try {
            ClassLoader loader = Thread.currentThread().getContextClassLoader();
            Class.forName("ai.rapids.cudf.Table", false, loader == null ? CudfPresence.class.getClassLoader() : loader);
            return Optional.empty();
        } catch (ClassNotFoundException e) {
            return Optional.of("cuDF is not on the class path" + ADVICE);
        }
    }

    /** Why cuDF cannot work in this JVM; empty when it can. Loads its native library. */
    public static Optional<String> unavailable() {
        Optional<String> missing = missing();
        if (missing.isPresent()) {
            return missing;
        }
        try {
            return Cudf.unavailable();
        } catch (LinkageError e) {
            return Optional.of("cuDF's native library cannot be loaded (" + e.getMessage() + ")" + ADVICE);
        }
    }
}
