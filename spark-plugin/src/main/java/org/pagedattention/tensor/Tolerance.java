package org.pagedattention.tensor;

import java.io.Serializable;

/**
 * How far a result may be from the fp64 reference: {@code |actual - expected| <= atol + rtol * |expected|}.
 *
 * @param atol absolute part
 * @param rtol relative part
 */
public record Tolerance(double atol, double rtol) implements Serializable {

    /** What rounding of inputs and outputs to {@code type} costs; fp16's is that of cuDNN's own paged sample. */
    public static Tolerance of(ElementType type) {
        return switch (type) {
            case FP16 -> new Tolerance(5e-3, 3e-3);
            case BF16 -> new Tolerance(2e-2, 2e-2);
            case FP32 -> new Tolerance(1e-5, 1e-5);
        };
    }

    /** Whether {@code actual} is close enough; equal infinities are, and NaN only to NaN. */
    public boolean allows(double expected, double actual) {
        if (Double.isNaN(expected) || Double.isInfinite(expected)) {
            return Double.compare(expected, actual) == 0;
        }
        return Math.abs(actual - expected) <= atol + rtol * Math.abs(expected);
    }
}
