package org.pagedattention.columns;

import ai.rapids.cudf.DeviceMemoryBuffer;
import ai.rapids.cudf.Table;
import org.jspecify.annotations.Nullable;
import org.pagedattention.executor.Tally;

/**
 * Scored rows in GPU memory; whoever holds this closes it.
 *
 * @param columns the output's columns but the attention output; null when there is no other
 * @param output the attention output; null when it is not wanted
 * @param queryStarts index of each row's first query token, and behind the last
 * @param tally what was scored
 */
record Scored(@Nullable Table columns, @Nullable DeviceMemoryBuffer output, int[] queryStarts, Tally tally)
        implements AutoCloseable {

    int rows() {
        return queryStarts.length - 1;
    }

    @Override
    public void close() {
        if (columns != null) {
            columns.close();
        }
        if (output != null) {
            output.close();
        }
    }
}
