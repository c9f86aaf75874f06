/**
 * The {@code cudnn} backend: attention as a cuDNN graph, the shapes that batches are rounded up to, and batches on their
 * way over the GPU. A backend is for any thread, what it hands out for one at a time. What cuDNN cannot attend is an
 * {@link java.lang.IllegalArgumentException} that says what to change.
 */
@NullMarked
package org.pagedattention.cudnn;

import org.jspecify.annotations.NullMarked;
