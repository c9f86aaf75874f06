/**
 * Models by the names of their folders: found on whatever file system Hadoop reaches, loaded into this process for what
 * they are used for, and lent. Whoever asks first loads a model, in the thread that asks, and all others with the same
 * use get the same one. Tables, which ask task by task, and the plugin, which asks when an executor starts, both come
 * here. A folder that is missing or not understood is an {@code IllegalArgumentException}; one that changed since it was
 * looked at, an {@code IllegalStateException}.
 */
@NullMarked
package org.pagedattention.loading;

import org.jspecify.annotations.NullMarked;
