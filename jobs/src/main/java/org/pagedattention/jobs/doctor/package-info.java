/**
 * The job doctor: what is here, which backend would run, and what to do about what is missing. For the main thread;
 * what is missing is printed, not thrown.
 */
@NullMarked
package org.pagedattention.jobs.doctor;

import org.jspecify.annotations.NullMarked;
