package org.pagedattention.cpu;

/** Which kernel runs: strict when one is named, lenient only for {@code auto}. */
final class KernelChoice {
    static final String AUTO = "auto";
    static final String VECTOR = "vector";
    static final String SCALAR = "scalar";

    private KernelChoice() {}

    static AttentionKernel kernel(String requested) {
        return switch (requested) {
            case SCALAR, AUTO -> new ScalarKernel();
            case VECTOR -> throw new IllegalStateException("the vector kernel cannot be had");
            default ->
                throw new IllegalArgumentException(
                        "CPU kernel '" + requested + "' is not known: use auto, vector or scalar");
        };
    }
}
