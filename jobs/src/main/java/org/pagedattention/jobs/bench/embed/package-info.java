/**
 * Sentence vectors of a whole model: how fast, whoever makes them. For the main thread, which starts as many tasks as a
 * side has threads; a side that fails throws what its task threw.
 */
@NullMarked
package org.pagedattention.jobs.bench.embed;

import org.jspecify.annotations.NullMarked;
