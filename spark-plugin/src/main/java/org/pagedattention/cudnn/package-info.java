/**
 * The {@code cudnn} backend: builds the paged attention graph of cuDNN's backend API, caches its plans and runs batches
 * on streams of their own.
 */
@NullMarked
package org.pagedattention.cudnn;

import org.jspecify.annotations.NullMarked;
