/**
 * The settings {@code spark.pagedAttention.*}: groups of typed values, each setting stated once with its default, its
 * check and its description. Immutable, serializable, for any thread. A key that nobody knows, or a value that cannot
 * work, throws {@code IllegalArgumentException} with the key, the value and what would be right.
 */
@NullMarked
package org.pagedattention.conf;

import org.jspecify.annotations.NullMarked;
