/**
 * What a job would do, from a sample of its table and its settings: nothing is written. Knows no command. For the driver's
 * thread; the sample is computed in Spark's tasks. What keeps the job from running is part of the answer where it is the
 * backend, and thrown as the job would throw it where it is anything else.
 */
@NullMarked
package org.pagedattention.jobs.explain;

import org.jspecify.annotations.NullMarked;
