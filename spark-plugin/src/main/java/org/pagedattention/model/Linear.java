package org.pagedattention.model;

import org.jspecify.annotations.Nullable;
import org.pagedattention.backend.Activation;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Tensor;
import org.pagedattention.backend.Weight;

/**
 * A linear layer.
 *
 * @param weight {@code [out, in]}
 * @param bias {@code [out]}
 */
record Linear(Weight weight, @Nullable Weight bias) {

    Tensor apply(Pass pass, Tensor x) {
        return pass.linear(x, weight, bias);
    }

    Tensor apply(Pass pass, Tensor x, Activation activation) {
        return pass.linear(x, weight, bias, activation, null);
    }

    /** The activation of what it makes of {@code x}, times a factor. */
    Tensor gate(Pass pass, Tensor x, Activation activation, Tensor factor) {
        return pass.gatedLinear(x, weight, bias, activation, factor);
    }

    Tensor plus(Pass pass, Tensor x, Tensor residual) {
        return pass.linear(x, weight, bias, Activation.NONE, residual);
    }
}
