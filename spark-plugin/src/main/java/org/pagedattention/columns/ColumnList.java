package org.pagedattention.columns;

import ai.rapids.cudf.ColumnVector;
import ai.rapids.cudf.Table;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Columns on their way into a table; closed when they do not get there. */
final class ColumnList implements AutoCloseable {
    private final List<ColumnVector> columns = new ArrayList<>();

    void add(ColumnVector column) {
        columns.add(column);
    }

    /** A table of all columns, which holds them on its own; null when there is none. */
    @Nullable
    Table tableOrNull() {
        return columns.isEmpty() ? null : new Table(columns.toArray(new ColumnVector[0]));
    }

    @Override
    public void close() {
        columns.forEach(ColumnVector::close);
        columns.clear();
    }
}
