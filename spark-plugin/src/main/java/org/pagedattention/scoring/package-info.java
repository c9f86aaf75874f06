/**
 * Rows in, rows out. {@link org.pagedattention.scoring.TableScorer} runs any {@link
 * org.pagedattention.scoring.Workload} over a table; {@link org.pagedattention.scoring.SequenceScorer} is the one
 * whose rows hold q, k and v. The pipeline keeps the order of rows, the memory in bounds and the account of bad rows;
 * a workload knows what a row is. Scorers and plans belong to the driver and may be used by any of its threads; what
 * runs in a task belongs to that task's thread alone. A table or setting that cannot work throws {@code
 * IllegalArgumentException} before any task runs, a row that cannot be scored {@link
 * org.pagedattention.scoring.BadRowException} out of its task, unless bad rows are kept.
 */
@NullMarked
package org.pagedattention.scoring;

import org.jspecify.annotations.NullMarked;
