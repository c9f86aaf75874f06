package org.pagedattention.cudnn.models;

import org.pagedattention.backend.Activation;
import org.pagedattention.cudnn.graph.Pointwise;

/** What cuDNN calls an activation. */
final class Curve {
    private Curve() {}

    static Pointwise of(Activation activation) {
        return switch (activation) {
            case NONE -> Pointwise.IDENTITY;
            case RELU -> Pointwise.RELU;
            case GELU -> Pointwise.GELU;
            case GELU_TANH -> Pointwise.GELU_TANH;
            case SILU -> Pointwise.SWISH;
            case TANH -> Pointwise.TANH;
            case SIGMOID -> Pointwise.SIGMOID;
        };
    }
}
