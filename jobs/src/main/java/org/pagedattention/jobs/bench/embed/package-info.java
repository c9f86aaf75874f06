/** Sentence vectors of a whole model: how fast, whoever makes them. */
@NullMarked
package org.pagedattention.jobs.bench.embed;

import org.jspecify.annotations.NullMarked;
