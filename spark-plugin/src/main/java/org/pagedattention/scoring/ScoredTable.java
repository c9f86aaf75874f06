package org.pagedattention.scoring;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A table that is scored when it is used.
 *
 * @param rows the carried columns and the result columns
 * @param counters grow while the rows are used
 */
public record ScoredTable(Dataset<Row> rows, ScoringCounters counters) {}
