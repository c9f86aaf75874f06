/**
 * Brings published models and texts into the form in which jobs read them. Runs without Spark, by {@code get-model.sh}
 * and {@code get-glosses.sh} alone, in one thread: no job brings anything by itself. What is brought, or there already, and
 * is not what it must be throws {@code IllegalArgumentException} with the file and what was expected.
 */
@NullMarked
package org.pagedattention.jobs.getmodel;

import org.jspecify.annotations.NullMarked;
