/**
 * What paths stand for and what lies there, on any file system that Hadoop reaches. Knows nothing of Spark. Pure but
 * for the file systems that it asks, and for any thread. Trouble on the way is an {@code IOException}; a folder or
 * pattern of which rows would be left out throws {@code InputException}, which says why.
 */
@NullMarked
package org.pagedattention.files;

import org.jspecify.annotations.NullMarked;
