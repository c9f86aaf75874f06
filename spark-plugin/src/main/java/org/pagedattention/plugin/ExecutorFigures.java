package org.pagedattention.plugin;

import java.io.Serializable;
import java.util.EnumMap;
import org.pagedattention.executor.Figure;

/**
 * What an executor counted since it started.
 *
 * @param executorId Spark's id
 * @param figures all figures
 */
record ExecutorFigures(String executorId, EnumMap<Figure, Long> figures) implements Serializable {}
