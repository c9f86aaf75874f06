package org.pagedattention.scoring;

import org.pagedattention.executor.Tally;

/**
 * What became of an item that went through no batch.
 *
 * @param results its result columns, as Spark's rows hold them inside
 * @param tally what was done for it
 */
public record Outcome(Object[] results, Tally tally) {}
