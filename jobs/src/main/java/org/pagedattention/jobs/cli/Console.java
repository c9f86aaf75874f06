package org.pagedattention.jobs.cli;

import java.io.PrintWriter;

/**
 * Where a job writes.
 *
 * @param out results
 * @param err progress, warnings and failures
 */
public record Console(PrintWriter out, PrintWriter err) {}
