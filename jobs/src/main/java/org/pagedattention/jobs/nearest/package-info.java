/**
 * The job nearest: the rows whose vectors are nearest to a question, for a look at what embed made. Every vector is
 * compared, so it is no index. On the driver's thread; failures are the command line's to report.
 */
@NullMarked
package org.pagedattention.jobs.nearest;

import org.jspecify.annotations.NullMarked;
