package org.pagedattention.cudnn.columns;

import ai.rapids.cudf.Table;

/**
 * A scored chunk.
 *
 * @param table the output's columns; whoever holds this closes it
 * @param rows what was scored
 */
record Scored(Table table, ScoredRows rows) implements AutoCloseable {

    @Override
    public void close() {
        table.close();
    }
}
