/**
 * Sequences of q, k and v on their way from rows to batches: their tensors, what several of them share, and one call of the
 * backend over a batch of them. Knows nothing of columns, nor of what becomes of bad rows. For one task's thread.
 */
@NullMarked
package org.pagedattention.scoring.sequences;

import org.jspecify.annotations.NullMarked;
