/**
 * What all commands share: the console, the Spark session, progress, tables of text,
 * and how failures become sentences and exit statuses. With {@code options}, {@code run} and the commands themselves the only room that
 * knows the names of options; what the library says of settings gets its flags here. For the main thread, but for
 * progress, which a clock of its own prints. A command line that cannot work throws {@code IllegalArgumentException}
 * with the option and the value.
 */
@NullMarked
package org.pagedattention.jobs.cli;

import org.jspecify.annotations.NullMarked;
