/** Sentence vectors of a whole model on the CPU, beside what others make of the same model. */
@NullMarked
package org.pagedattention.bench.embed;

import org.jspecify.annotations.NullMarked;
