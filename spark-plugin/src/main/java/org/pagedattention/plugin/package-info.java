/**
 * The Spark plugin: gives each executor one GPU, keeps its tasks on it, and says what to change where that cannot
 * work. Add it with {@code spark.plugins=org.pagedattention.plugin.PagedAttentionPlugin}. Spark alone calls it: on the
 * driver from the thread that starts the application and from its message loop, on executors from the thread that
 * starts them and from those of tasks, so that what is shared is locked. A driver side that refuses throws {@code
 * IllegalArgumentException}, which ends the application; an executor that cannot start throws {@code
 * IllegalStateException}, tells the driver why, and ends.
 */
@NullMarked
package org.pagedattention.plugin;

import org.jspecify.annotations.NullMarked;
