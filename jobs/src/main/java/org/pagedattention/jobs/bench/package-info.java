/**
 * The bench jobs and what they measure with: the only room of the jobs that looks into backends. For the main thread,
 * but for samplers of a GPU's work, which have threads of their own. Options that cannot work throw {@code
 * IllegalArgumentException}, a measurement that shows a fault {@code JobFailedException}.
 */
@NullMarked
package org.pagedattention.jobs.bench;

import org.jspecify.annotations.NullMarked;
