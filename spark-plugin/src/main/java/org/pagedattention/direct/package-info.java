/**
 * Parquet straight to the GPU and back: plans which row groups go to which task, brings their bytes into host memory and
 * commits what comes out of the GPU. Knows Spark, Hadoop and Parquet's footers; what happens in GPU memory is
 * {@link org.pagedattention.columns}.
 */
@NullMarked
package org.pagedattention.direct;

import org.jspecify.annotations.NullMarked;
