/**
 * Models as stages of Spark ML: transformers over {@link org.pagedattention.scoring.models}, with Params, saved and loaded as
 * Spark's own. For the driver's threads; loaded only where spark-mllib is on the class path. What is wrong with a Param or a
 * table's columns is an {@code IllegalArgumentException} that names the stage, the Param and the value.
 */
@NullMarked
package org.pagedattention.ml;

import org.jspecify.annotations.NullMarked;
