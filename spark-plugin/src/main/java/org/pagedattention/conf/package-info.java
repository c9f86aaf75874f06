/** The typed settings {@code spark.pagedAttention.*}: one record, validated once, documented where they are defined. */
@NullMarked
package org.pagedattention.conf;

import org.jspecify.annotations.NullMarked;
