/**
 * The job lengths: how long a table's sequences are, in numbers and in a picture. The scan runs in Spark's tasks, the
 * rest on the main thread. A column that is missing or no tensor throws {@code IllegalArgumentException} with its
 * option.
 */
@NullMarked
package org.pagedattention.jobs.lengths;

import org.jspecify.annotations.NullMarked;
