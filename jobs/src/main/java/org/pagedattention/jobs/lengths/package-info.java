/**
 * The job lengths: how long a table's sequences are, in numbers and in a picture.
 */
@NullMarked
package org.pagedattention.jobs.lengths;

import org.jspecify.annotations.NullMarked;
