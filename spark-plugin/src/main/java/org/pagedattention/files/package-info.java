/**
 * What paths stand for and what lies there, on any file system that Hadoop reaches. Knows nothing of Spark.
 */
@NullMarked
package org.pagedattention.files;

import org.jspecify.annotations.NullMarked;
