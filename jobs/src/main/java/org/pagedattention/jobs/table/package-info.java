/**
 * Tables in files, as Spark and Hadoop see them: reading, listing, counting, marking as whole, and keeping two runs
 * apart. Knows no command. Failures that a user can act on are {@code JobFailedException} or {@code
 * IllegalArgumentException} with a sentence.
 */
@NullMarked
package org.pagedattention.jobs.table;

import org.jspecify.annotations.NullMarked;
