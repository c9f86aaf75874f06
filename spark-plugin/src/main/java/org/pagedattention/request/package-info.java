/**
 * What a user asked for: options of scoring, the results that are wanted, pooling and the linear head. Immutable,
 * serializable, for any thread; validated when made, where a value that cannot work throws {@code
 * IllegalArgumentException} with the value and the limit. Speaks of its parts as {@code option NAME}.
 */
@NullMarked
package org.pagedattention.request;

import org.jspecify.annotations.NullMarked;
