package org.pagedattention.scoring.models;

import org.pagedattention.likelihood.ScoredRow;

/**
 * A row that a language model can take.
 *
 * @param row what of it is scored
 * @param bytes of its text in UTF-8, that of a context not counted; 0 where rows hold token ids
 * @param words of its text, as the harness counts them
 */
record LikelihoodItem(ScoredRow row, int bytes, int words) {}
