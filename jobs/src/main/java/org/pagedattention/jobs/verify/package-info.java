/**
 * The job verify: a scored table, or a sample of it, again in fp64. Commands run on the main thread, comparisons in
 * Spark's tasks. Rows that cannot be matched throw {@code JobFailedException}; rows that differ are a verdict, and
 * status 1.
 */
@NullMarked
package org.pagedattention.jobs.verify;

import org.jspecify.annotations.NullMarked;
