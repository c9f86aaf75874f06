package org.pagedattention.scoring;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructField;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.paging.SequenceLengths;
import scala.jdk.javaapi.CollectionConverters;

/** Turns input rows into sequences, whose tensors are used where they lie. */
final class RowReader {
    /** No buffer of a batch may pass this; the room behind it is for the last page. */
    private static final long LARGEST_TENSOR = Integer.MAX_VALUE - (1L << 24);

    private final RowLayout layout;
    private final AttentionSpec spec;
    private final BadRows badRows;
    private final long heap;
    private final UnsafeProjection toUnsafe;
    private final UnsafeProjection toCarried;
    private long rowNumber;

    RowReader(RowLayout layout, AttentionSpec spec, BadRows badRows) {
        this(layout, spec, badRows, Runtime.getRuntime().maxMemory());
    }

    /**
     * @param heap bytes of the heap, of which one sequence may take half
     */
    RowReader(RowLayout layout, AttentionSpec spec, BadRows badRows, long heap) {
        this.layout = layout;
        this.spec = spec;
        this.badRows = badRows;
        this.heap = heap;
        toUnsafe = UnsafeProjection.create(layout.input());
        toCarried = UnsafeProjection.create(
                CollectionConverters.asScala(carriedReferences(layout)).toSeq());
    }

    /**
     * Reads one row. Its tensors stay where they are, and so are lost with the next row. A bad row comes back done, or
     * ends the job.
     */
    Sequence read(InternalRow row) {
        InternalRow carried = toCarried.apply(row).copy();
        UnsafeRow whole = badRows.wantWholeRows() ? toUnsafe.apply(row).copy() : null;
        TensorRef q = layout.q().locate(row);
        TensorRef k = layout.k().locate(row);
        TensorRef v = layout.v().locate(row);
        BadRow problem = problem(row, q, k, v);
        if (problem != null || q == null || k == null || v == null) {
            Sequence bad = new Sequence(carried, rowNumber++, new SequenceLengths(0, 0), whole);
            badRows.refuse(bad, Objects.requireNonNull(problem));
            return bad;
        }
        SequenceLengths lengths = new SequenceLengths(tokens(q, layout.q()), tokens(k, layout.k()));
        Sequence sequence = new Sequence(carried, rowNumber++, lengths, whole);
        sequence.moved(new Sequence.Tensors(q, k, v));
        return sequence;
    }

    /**
     * Copies the tensors of a row into a batch that has room for them. What is not finite or too large is looked for here,
     * because it may leave no trace in the result: its weight can be zero.
     *
     * @return how large the numbers are; large ones are in no batch, and others that are not small in a bad row
     */
    Magnitude pack(Sequence sequence, InputBatch batch) {
        Magnitude magnitude = batch.add(sequence);
        if (magnitude == Magnitude.NOT_FINITE) {
            badRows.refuse(sequence, badRows.notFinite(sequence.tensors(), spec.type()));
        }
        return magnitude;
    }

    private @Nullable BadRow problem(
            InternalRow row, @Nullable TensorRef q, @Nullable TensorRef k, @Nullable TensorRef v) {
        BadRow alone = first(
                layout.q().check(row, q), layout.k().check(row, k), layout.v().check(row, v));
        return alone != null || q == null || k == null || v == null
                ? alone
                : first(lengthProblem(q, k, v), sizeProblem(q, k, v), memoryProblem(q, k, v));
    }

    private @Nullable BadRow lengthProblem(TensorRef q, TensorRef k, TensorRef v) {
        int keys = tokens(k, layout.k());
        int values = tokens(v, layout.v());
        if (keys != values) {
            return new BadRow(
                    "columns " + layout.k().name() + " and " + layout.v().name() + " differ in length",
                    "as many value tokens as key tokens",
                    keys + " key tokens and " + values + " value tokens");
        }
        if (keys == 0 && tokens(q, layout.q()) > 0) {
            return new BadRow(
                    "column " + layout.k().name() + " is empty",
                    "at least one key for " + tokens(q, layout.q()) + " query tokens",
                    "0 key tokens");
        }
        return null;
    }

    private @Nullable BadRow sizeProblem(TensorRef q, TensorRef k, TensorRef v) {
        long widest = Math.max(
                (long) tokens(q, layout.q()) * Math.max(spec.queryElements(), spec.outputElements()),
                Math.max(k.elements(), v.elements()));
        // four bytes an element, whatever type the backend computes in
        return widest * Float.BYTES <= LARGEST_TENSOR
                ? null
                : new BadRow(
                        "the sequence is too long for one buffer",
                        "at most " + LARGEST_TENSOR / Float.BYTES + " elements in each of q, k, v and o",
                        widest + " elements");
    }

    /** Refusing a row costs that row; running out of memory would cost the executor, again and again. */
    private @Nullable BadRow memoryProblem(TensorRef q, TensorRef k, TensorRef v) {
        long output = (long) tokens(q, layout.q()) * spec.outputElements();
        long inputs = (long) q.elements() + k.elements() + v.elements();
        long row = (long) q.length() + k.length() + v.length();
        long batch = (inputs + output) * spec.type().bytes();
        long bytes = row + batch + output * layout.q().stored().bytes();
        return bytes <= heap / 2
                ? null
                : new BadRow(
                        "the sequence is larger than memory",
                        "at most " + heap / 2 + " bytes of heap for a row, its batch and its output, half of the "
                                + heap + " there are (set spark.executor.memory, in local mode spark.driver.memory)",
                        bytes + " bytes");
    }

    private static int tokens(TensorRef tensor, TensorColumn column) {
        return tensor.elements() / column.tokenElements();
    }

    private static @Nullable BadRow first(@Nullable BadRow... candidates) {
        for (BadRow candidate : candidates) {
            if (candidate != null) {
                return candidate;
            }
        }
        return null;
    }

    private static List<Expression> carriedReferences(RowLayout layout) {
        List<Expression> references = new ArrayList<>();
        for (int ordinal : layout.carried()) {
            StructField field = layout.input().fields()[ordinal];
            references.add(new BoundReference(ordinal, field.dataType(), field.nullable()));
        }
        return references;
    }
}
