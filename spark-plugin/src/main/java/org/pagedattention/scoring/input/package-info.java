/**
 * How tables are read for scoring: the rows as Spark has them inside, the settings with which Spark reads right, and the look
 * for files that Spark would leave out. For the driver; what reads rows goes to tasks.
 */
@NullMarked
package org.pagedattention.scoring.input;

import org.jspecify.annotations.NullMarked;
