/**
 * The job score: a workload of attention for {@code run}, and beside it the way of Parquet straight through the GPU,
 * with the choice between the two and the head start that a GPU gets. For the main thread; what the head start does on
 * threads of its own is asked for again by those who need it. Throws what {@code run} throws, and {@code
 * NotDirectException} where the direct path alone was asked for and cannot work.
 */
@NullMarked
package org.pagedattention.jobs.score;

import org.jspecify.annotations.NullMarked;
