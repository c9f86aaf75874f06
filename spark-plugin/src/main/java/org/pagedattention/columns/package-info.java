/**
 * Attention over the columns of Parquet files in GPU memory: cuDF decodes and encodes, cuDNN attends over the column
 * buffers where they lie. Knows nothing of Spark; used only where cuDF is on the class path.
 */
@NullMarked
package org.pagedattention.columns;

import org.jspecify.annotations.NullMarked;
