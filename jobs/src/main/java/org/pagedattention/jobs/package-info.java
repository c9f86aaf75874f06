/** The command line: what {@code spark-submit} runs. */
@NullMarked
package org.pagedattention.jobs;

import org.jspecify.annotations.NullMarked;
