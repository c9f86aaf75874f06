/**
 * The job classify: a label and its score for every text, or pair of texts, of a table. On the driver's thread; failures
 * are the command line's to report.
 */
@NullMarked
package org.pagedattention.jobs.classify;

import org.jspecify.annotations.NullMarked;
