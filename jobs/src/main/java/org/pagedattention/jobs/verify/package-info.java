/**
 * The job verify: a sample of a scored table again in fp64.
 */
@NullMarked
package org.pagedattention.jobs.verify;

import org.jspecify.annotations.NullMarked;
