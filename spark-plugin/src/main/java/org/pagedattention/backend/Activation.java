package org.pagedattention.backend;

/** A function of one number, as torch defines it. */
public enum Activation {
    NONE,
    RELU,
    /** x·Φ(x) with the error function. */
    GELU,
    /** The tanh approximation of {@link #GELU}. */
    GELU_TANH,
    /** x·sigmoid(x). */
    SILU,
    TANH,
    SIGMOID;

    /** The function in double precision, against which backends are held. */
    public double of(double x) {
        return switch (this) {
            case NONE -> x;
            case RELU -> Math.max(x, 0);
            case GELU -> 0.5 * x * (1 + Erf.of(x / Math.sqrt(2)));
            case GELU_TANH -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
            case SILU -> x / (1 + Math.exp(-x));
            case TANH -> Math.tanh(x);
            case SIGMOID -> 1 / (1 + Math.exp(-x));
        };
    }
}
