/**
 * The job bench soak: tables of random kinds, scored until it is told to end, and what the process holds meanwhile. For the
 * main thread. Rows that do not add up, and memory, files or threads that keep growing, throw {@code JobFailedException}.
 */
@NullMarked
package org.pagedattention.jobs.bench.soak;

import org.jspecify.annotations.NullMarked;
