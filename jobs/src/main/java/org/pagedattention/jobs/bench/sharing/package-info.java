/** Measures what it saves to hold a history once for all rows that ask it. For the command's thread alone. */
@NullMarked
package org.pagedattention.jobs.bench.sharing;

import org.jspecify.annotations.NullMarked;
