/** The job embed: a vector for every text of a table. On the driver's thread; failures are the command line's to report. */
@NullMarked
package org.pagedattention.jobs.embed;

import org.jspecify.annotations.NullMarked;
