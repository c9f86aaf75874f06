/**
 * A page that shows how a job went: one file of HTML with all that it needs inside, which fetches nothing. Knows no
 * command. For the driver's thread; a page that cannot be written throws {@code UncheckedIOException}. What texts of users
 * say gets into a page as JSON alone, in which no markup is left.
 */
@NullMarked
package org.pagedattention.jobs.report;

import org.jspecify.annotations.NullMarked;
