package org.pagedattention.scoring;

/**
 * What a task's batches share.
 *
 * @param layout of the rows that come in and go out
 */
record TaskParts<I>(Workload<I> workload, RowLayout layout, BadRows badRows, TaskFigures figures) {}
