/** The class archive with which later jobs start faster: what is rehearsed for it, and that a job has it made at its end. */
@NullMarked
package org.pagedattention.jobs.archive;

import org.jspecify.annotations.NullMarked;
