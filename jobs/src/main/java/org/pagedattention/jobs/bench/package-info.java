/**
 * The bench jobs. They may look into backends, which no other command does.
 */
@NullMarked
package org.pagedattention.jobs.bench;

import org.jspecify.annotations.NullMarked;
