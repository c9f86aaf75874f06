/**
 * Brings published models and texts into the form in which jobs read them. Runs without Spark, by {@code get-model.sh}
 * and {@code get-glosses.sh} alone: no job brings anything by itself.
 */
@NullMarked
package org.pagedattention.jobs.getmodel;

import org.jspecify.annotations.NullMarked;
