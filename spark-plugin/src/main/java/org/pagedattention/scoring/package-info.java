/**
 * Rows in, rows out. {@link org.pagedattention.scoring.TableScorer} runs any {@link
 * org.pagedattention.scoring.Workload} over a table; {@link org.pagedattention.scoring.SequenceScorer} is the one whose
 * rows hold q, k and v. The pipeline keeps the order of rows, the memory in bounds and the account of bad rows; a workload
 * knows what a row is.
 */
@NullMarked
package org.pagedattention.scoring;

import org.jspecify.annotations.NullMarked;
