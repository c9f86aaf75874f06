/** How Spark and Parquet are set for tables of tensors, vectors and texts. On the driver's thread. */
@NullMarked
package org.pagedattention.jobs.tuning;

import org.jspecify.annotations.NullMarked;
