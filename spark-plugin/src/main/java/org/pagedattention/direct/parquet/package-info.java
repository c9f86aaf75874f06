/**
 * Parquet's bytes without their values: which row groups a table has, pieces of files that are files again, and
 * files put together from pieces. Knows Hadoop's file systems and Parquet's footers, nothing of scoring or GPUs.
 * Failures of reading and writing are {@code IOException}s; what cannot be read this way is a {@code
 * NotDirectException}, and rows can be used instead.
 */
@NullMarked
package org.pagedattention.direct.parquet;

import org.jspecify.annotations.NullMarked;
