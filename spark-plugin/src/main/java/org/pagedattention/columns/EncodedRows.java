package org.pagedattention.columns;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.pagedattention.columns.EncodedFile.Values;
import org.pagedattention.executor.Tally;

/**
 * Scored rows in host memory, as a file wants them.
 *
 * @param rows how many
 * @param columns a Parquet file with all columns but the attention output
 * @param output bytes of the attention output; empty when it is not wanted
 * @param values the attention output; null when it is not wanted
 * @param tally what was scored
 */
record EncodedRows(
        int rows,
        HostParts columns,
        HostParts output,
        @Nullable Values values,
        Tally tally) implements AutoCloseable {

    void appendTo(EncodedFile file) throws IOException {
        file.append(rows, columns, values);
    }

    @Override
    public void close() {
        columns.close();
        output.close();
    }
}
