/**
 * What a log-likelihood is, by the definitions of EleutherAI's lm-evaluation-harness (0.4.12 and its main branch of August
 * 2026): which tokens of a text, of a continuation behind its context, or of a long document are scored, and behind which
 * others; and what perplexity and bits per byte make of the sums. Pure values and functions, for any thread; knows no
 * model, no tokenizer and no Spark. A row that has no log-likelihood is an {@link
 * org.pagedattention.likelihood.UnscorableRow}.
 */
@NullMarked
package org.pagedattention.likelihood;

import org.jspecify.annotations.NullMarked;
