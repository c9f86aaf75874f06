/**
 * The job loglikelihood: how probable a language model finds the texts of a table, and what that makes of the corpus. On the
 * driver's thread; failures are the command line's to report.
 */
@NullMarked
package org.pagedattention.jobs.loglikelihood;

import org.jspecify.annotations.NullMarked;
