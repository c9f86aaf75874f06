/**
 * What the tasks of one JVM share: its backends, the device it was assigned, and what it counted. Everything here
 * is static for the process and safe for any thread. Knows no Spark type, so that tests and other schedulers can
 * use it.
 */
@NullMarked
package org.pagedattention.executor;

import org.jspecify.annotations.NullMarked;
