package org.pagedattention.scoring;

import java.util.Objects;
import java.util.StringJoiner;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;
import org.pagedattention.executor.ExecutorMetrics;
import org.pagedattention.executor.Figure;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.tensor.ElementType;

/**
 * What becomes of rows that cannot be scored: the job ends, the row goes on with null results and the reason, or it goes
 * into quarantine.
 */
final class BadRows {
    private static final int LONGEST_VALUE = 60;

    private final RowLayout layout;
    private final ScoringOptions options;
    private final ScoringCounters counters;
    private final int partition;
    private final @Nullable QuarantineFile quarantine;

    /**
     * @param quarantine where bad rows go, when that is the policy
     */
    BadRows(
            RowLayout layout,
            ScoringOptions options,
            ScoringCounters counters,
            int partition,
            @Nullable QuarantineFile quarantine) {
        this.layout = layout;
        this.options = options;
        this.counters = counters;
        this.partition = partition;
        this.quarantine = quarantine;
    }

    /**
     * Deals with a bad row.
     *
     * @throws BadRowException when bad rows end the job
     */
    void refuse(Sequence sequence, BadRow problem) {
        if (options.conf().onBadRow().equals("fail")) {
            throw new BadRowException(name(sequence), problem);
        }
        counters.countBadRow();
        ExecutorMetrics.add(Figure.BAD_ROWS, 1);
        if (quarantine != null) {
            quarantine.write(sequence.whole(), problem.message());
            sequence.drop();
            return;
        }
        Object[] values = new Object[options.emit().size() + 1];
        values[values.length - 1] = UTF8String.fromString(problem.message());
        sequence.complete(new GenericInternalRow(values));
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

    /** Says which of the tensors holds a number that is not finite in the type that is computed in. */
    BadRow notFinite(Sequence.Tensors tensors, ElementType type) {
        TensorRef[] refs = {tensors.q(), tensors.k(), tensors.v()};
        TensorColumn[] columns = {layout.q(), layout.k(), layout.v()};
        for (int i = 0; i < refs.length; i++) {
            int at = refs[i].firstNonFinite(type);
            if (at >= 0) {
                return new BadRow(
                        "column " + columns[i].name() + " holds a value that is not finite in " + type,
                        "finite numbers of magnitude up to " + type.largest()
                                + " (--dtype says how columns are stored, --compute-dtype what to compute in)",
                        refs[i].element(at) + " at token " + at / columns[i].tokenElements());
            }
        }
        throw new IllegalStateException("q, k and v of this row are finite in " + type);
    }

    /** Why a finite output cannot be stored. */
    static BadRow overflow(ElementType stored) {
        return new BadRow(
                "the attention output overflows " + stored,
                "numbers of magnitude up to " + stored.largest() + ", as o is stored like q (--dtype, --compute-dtype)",
                "larger ones");
    }

    private String name(Sequence sequence) {
        StringJoiner row = new StringJoiner(", ", "{", "}");
        InternalRow carried = sequence.carried();
        for (int i = 0; i < layout.carried().size(); i++) {
            StructField field = layout.output().fields()[i];
            Object value = CatalystTypeConverters.createToScalaConverter(field.dataType())
                    .apply(carried.get(i, field.dataType()));
            row.add(field.name() + "=" + shorten(Objects.toString(value)));
        }
        return row + " (row " + sequence.rowNumber() + " of partition " + partition + ")";
    }

    private static String shorten(String text) {
        return text.length() <= LONGEST_VALUE ? text : text.substring(0, LONGEST_VALUE) + "...";
    }
}
