/**
 * Tables in files, as Spark and Hadoop see them: reading, listing, counting, marking as whole, and keeping two runs
 * apart. Knows no command. For the driver's threads; only a lock renews itself on a clock of its own. What a user can
 * mend throws {@code IllegalArgumentException}, what shows only when a job has run {@code JobFailedException}, and a
 * file system that fails {@code UncheckedIOException}, each with the path.
 */
@NullMarked
package org.pagedattention.jobs.table;

import org.jspecify.annotations.NullMarked;
