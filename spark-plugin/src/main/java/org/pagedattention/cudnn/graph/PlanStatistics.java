package org.pagedattention.cudnn.graph;

/**
 * What the plan cache of a device did so far.
 *
 * @param hits launches that found their plan
 * @param misses plans that had to be built, or restored
 * @param restored those of them that an earlier process had built
 * @param buildNanos time spent building
 */
public record PlanStatistics(long hits, long misses, long restored, long buildNanos) {}
