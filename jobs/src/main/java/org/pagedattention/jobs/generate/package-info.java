/**
 * The job generate: random sequences whose lengths follow a distribution.
 */
@NullMarked
package org.pagedattention.jobs.generate;

import org.jspecify.annotations.NullMarked;
