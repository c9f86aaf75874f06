/**
 * What a user asked for: options of scoring, the results that are wanted, pooling and the linear head. Immutable,
 * serializable, validated when made; a value that cannot work throws {@code IllegalArgumentException} with the
 * limit.
 */
@NullMarked
package org.pagedattention.request;

import org.jspecify.annotations.NullMarked;
