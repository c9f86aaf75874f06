package org.pagedattention.jobs;

import java.io.PrintWriter;

/**
 * Where a job writes.
 *
 * @param out results
 * @param err progress, warnings and failures
 */
record Console(PrintWriter out, PrintWriter err) {}
