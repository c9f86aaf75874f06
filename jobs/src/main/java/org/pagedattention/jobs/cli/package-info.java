/**
 * What all commands share: options for tables, shapes and backends, the Spark session, the console, and how
 * failures become sentences and exit statuses. The only room, with the commands themselves, that knows the names of
 * options.
 */
@NullMarked
package org.pagedattention.jobs.cli;

import org.jspecify.annotations.NullMarked;
