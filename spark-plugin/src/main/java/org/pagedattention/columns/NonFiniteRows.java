package org.pagedattention.columns;

import ai.rapids.cudf.DeviceMemoryBuffer;
import java.util.ArrayList;
import java.util.List;
import org.pagedattention.attention.AttentionSpec;

/** Finds the rows of a chunk whose results are not finite; slow, for messages. */
final class NonFiniteRows {
    private static final int ENOUGH = 8;

    private NonFiniteRows() {}

    /** The first few such rows, with the first such token of each. */
    static String of(DeviceMemoryBuffer output, TensorBuffer queries, AttentionSpec spec) {
        List<String> rows = new ArrayList<>();
        int count = queries.starts().length - 1;
        for (int row = 0; row < count && rows.size() < ENOUGH; row++) {
            if (!finite(output, queries.start(row), queries.start(row + 1), spec)) {
                rows.add(row + " (" + bad(output, queries, row, spec) + " of " + queries.tokens(row) + " tokens)");
            }
        }
        return String.join(", ", rows);
    }

    private static String bad(DeviceMemoryBuffer output, TensorBuffer queries, int row, AttentionSpec spec) {
        int bad = 0;
        int first = -1;
        for (int token = queries.start(row); token < queries.start(row + 1); token++) {
            if (!finite(output, token, token + 1, spec)) {
                bad++;
                first = first < 0 ? token - queries.start(row) : first;
            }
        }
        return bad + " from token " + first;
    }

    private static boolean finite(DeviceMemoryBuffer output, int from, int to, AttentionSpec spec) {
        int count = (to - from) * spec.outputElements();
        if (count == 0) {
            return true;
        }
        return Magnitudes.allFinite(output, (long) from * spec.outputElements(), count, spec.type());
    }
}
