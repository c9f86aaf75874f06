/**
 * Parquet straight to the GPU and back: plans which row groups go to which task, brings their bytes into host memory and
 * commits what comes out of the GPU. Knows Spark, Hadoop and Parquet's footers; what happens in GPU memory is
 * {@link org.pagedattention.columns}. {@link org.pagedattention.direct.DirectScorer} is for the driver's thread; a task's
 * reading and scoring go ahead of its writing in threads of their own. A table that cannot go this way throws {@code
 * NotDirectException} before any task runs, rows that cannot be scored {@link org.pagedattention.direct.BadPieceException}
 * out of their task.
 */
@NullMarked
package org.pagedattention.direct;

import org.jspecify.annotations.NullMarked;
