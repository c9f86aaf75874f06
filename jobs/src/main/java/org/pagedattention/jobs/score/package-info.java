/**
 * The job score: rows through Spark, Parquet straight through the GPU, or both in units that can be resumed.
 */
@NullMarked
package org.pagedattention.jobs.score;

import org.jspecify.annotations.NullMarked;
