/**
 * Attention over the columns of Parquet files in GPU memory: cuDF decodes and encodes, cuDNN attends over the column
 * buffers where they lie. Knows what was asked for and nothing of Spark; used only where cuDF is on the class path. {@code direct} calls it, from
 * a thread a file that is bound to the device; what comes out may be closed by another. A row that cannot be scored throws
 * {@link org.pagedattention.columns.BadChunkException}; where memory runs out, smaller parts are tried before {@code
 * DeviceMemoryException} comes out.
 */
@NullMarked
package org.pagedattention.columns;

import org.jspecify.annotations.NullMarked;
