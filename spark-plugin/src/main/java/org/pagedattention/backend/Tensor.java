package org.pagedattention.backend;

import org.pagedattention.tensor.Shape;

/**
 * A matrix within a {@link Pass}, {@code [rows, columns]}: one row a token, or one a sequence. It lives where the backend
 * computes and dies with the scope it was made in.
 */
public interface Tensor {

    Shape shape();
}
