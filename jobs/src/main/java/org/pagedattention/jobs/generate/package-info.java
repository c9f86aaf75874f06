/**
 * The job generate: random sequences whose lengths follow a distribution. A generator is serializable, has no state
 * and gives the same row for the same number on any thread. Forms of lengths that are none throw {@code
 * IllegalArgumentException}.
 */
@NullMarked
package org.pagedattention.jobs.generate;

import org.jspecify.annotations.NullMarked;
