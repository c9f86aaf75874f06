/**
 * Scores a table of sequences: {@link org.pagedattention.scoring.SequenceScorer} takes rows in and gives rows out; the
 * rest turns each partition's rows into paged batches and back.
 */
@NullMarked
package org.pagedattention.scoring;

import org.jspecify.annotations.NullMarked;
