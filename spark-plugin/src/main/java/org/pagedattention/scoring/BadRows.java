package org.pagedattention.scoring;

import java.util.Objects;
import java.util.StringJoiner;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructField;
import org.jspecify.annotations.Nullable;
import org.pagedattention.executor.Figure;

/**
 * What becomes of rows that cannot be scored: the job ends, the row goes on with null results and the reason, or it goes
 * into quarantine.
 */
final class BadRows {
    private static final int LONGEST_VALUE = 60;

    private final RowLayout layout;
    private final TaskFigures figures;
    private final int partition;
    private final @Nullable QuarantineFile quarantine;

    /**
     * @param quarantine where bad rows go, when that is the policy
     */
    BadRows(RowLayout layout, TaskFigures figures, int partition, @Nullable QuarantineFile quarantine) {
        this.layout = layout;
        this.figures = figures;
        this.partition = partition;
        this.quarantine = quarantine;
    }

    /**
     * Deals with a bad row.
     *
     * @throws BadRowException when bad rows end the job
     */
    void refuse(PendingRow<?> row, BadRow problem) {
        if (quarantine == null && !layout.marksBadRows()) {
            throw new BadRowException(name(row), problem);
        }
        figures.count(Figure.BAD_ROWS, 1);
        if (quarantine != null) {
            quarantine.write(row.whole(), problem.message());
            row.drop();
        } else {
            row.complete(layout.bad(problem.message()));
        }
    }

    /** Whether {@link #refuse} needs a row as it came. */
    boolean wantWholeRows() {
        return quarantine != null;
    }

    /** Called once all rows of the partition were seen. */
    void finish() {
        if (quarantine != null) {
            quarantine.finish();
        }
    }

    private String name(PendingRow<?> bad) {
        StringJoiner row = new StringJoiner(", ", "{", "}");
        InternalRow carried = bad.carried();
        for (int i = 0; i < layout.carried().size(); i++) {
            StructField field = layout.output().fields()[i];
            Object value = CatalystTypeConverters.createToScalaConverter(field.dataType())
                    .apply(carried.get(i, field.dataType()));
            row.add(field.name() + "=" + shorten(Objects.toString(value)));
        }
        return row + " (row " + bad.rowNumber() + " of partition " + partition + ")";
    }

    private static String shorten(String text) {
        return text.length() <= LONGEST_VALUE ? text : text.substring(0, LONGEST_VALUE) + "...";
    }
}
