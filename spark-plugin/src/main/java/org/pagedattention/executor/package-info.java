/**
 * What the tasks of one JVM share: its backends, its models, the device it was assigned, and what it counted.
 * Everything here is static for the process and safe for any thread. Knows no Spark type, so that tests and other
 * schedulers can use it. A backend that was asked for by name and cannot work throws {@code IllegalStateException}
 * with the reason.
 */
@NullMarked
package org.pagedattention.executor;

import org.jspecify.annotations.NullMarked;
