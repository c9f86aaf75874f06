/**
 * The class archive with which later jobs start faster: what is rehearsed for it, and that a job has it made at its end.
 * For the main thread. A rehearsal that fails throws {@code JobFailedException}; that no archive is made is nobody's
 * failure.
 */
@NullMarked
package org.pagedattention.jobs.archive;

import org.jspecify.annotations.NullMarked;
