/**
 * The Spark plugin: gives each executor one GPU, keeps its tasks on it, and says what to change where that cannot work.
 * Add it with {@code spark.plugins=org.pagedattention.plugin.PagedAttentionPlugin}.
 */
@NullMarked
package org.pagedattention.plugin;

import org.jspecify.annotations.NullMarked;
