/**
 * The command line: what {@code spark-submit} runs. One job a process, on the main thread; nothing is thrown, a status
 * says how it ended.
 */
@NullMarked
package org.pagedattention.jobs;

import org.jspecify.annotations.NullMarked;
