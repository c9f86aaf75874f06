package org.pagedattention.scoring;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.ReferenceAttention;
import org.pagedattention.backend.AttentionOutput;
import org.pagedattention.executor.ExecutorMetrics;
import org.pagedattention.executor.Figure;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.request.Emit;
import org.pagedattention.request.ScoringOptions;

/**
 * Scores sequences whose numbers are too large for fp32 in fp64, one at a time: slow, but such rows are rare, and all
 * backends leave them to this.
 */
final class ExactScorer {
    private final AttentionSpec spec;
    private final ScoringOptions options;
    private final ResultEncoder encoder;
    private final BadRows badRows;
    private final ScoringCounters counters;

    /**
     * @param spec what is computed, its type the compute type
     */
    ExactScorer(
            AttentionSpec spec,
            ScoringOptions options,
            ResultEncoder encoder,
            BadRows badRows,
            ScoringCounters counters) {
        this.spec = spec;
        this.options = options;
        this.encoder = encoder;
        this.badRows = badRows;
        this.counters = counters;
    }

    /** Completes {@code sequence}, whose tensors are finite; it is a bad row when its results do not fit their types. */
    void score(Sequence sequence) {
        Sequence.Tensors tensors = sequence.tensors();
        ReferenceAttention.Result exact = ReferenceAttention.attend(
                spec,
                tensors.q().floats(spec.type()),
                tensors.k().floats(spec.type()),
                tensors.v().floats(spec.type()));
        float[] lse = narrowed(exact.lse());
        BadRow problem = options.emit().contains(Emit.LSE) ? overflow(exact.lse(), lse) : null;
        PagedBatch pages = PagedBatch.plan(PageLayout.PACKED, 1, List.of(sequence.lengths()));
        InternalRow results = problem == null ? encoder.encode(output(exact.o(), lse), pages, 0) : null;
        if (results == null) {
            badRows.refuse(
                    sequence, problem == null ? BadRows.overflow(options.spec().type()) : problem);
            return;
        }
        sequence.complete(results);
        counters.countExact();
        ExecutorMetrics.add(Figure.EXACT_ROWS, 1);
    }

    private AttentionOutput output(double[] exact, float[] lse) {
        float[] o = narrowed(exact);
        ByteBuffer bytes = ByteBuffer.allocate(o.length * spec.type().bytes()).order(ByteOrder.LITTLE_ENDIAN);
        spec.type().write(o, o.length, bytes, 0);
        return new AttentionOutput(bytes, false, FloatBuffer.wrap(lse));
    }

    /** An infinity that was none in fp64 is too large; others are of queries that see no key. */
    private static @Nullable BadRow overflow(double[] exact, float[] lse) {
        for (int i = 0; i < lse.length; i++) {
            if (Float.isInfinite(lse[i]) && !Double.isInfinite(exact[i])) {
                return new BadRow(
                        "the log-sum-exp overflows fp32",
                        "scores of magnitude up to " + Float.MAX_VALUE + " (--scale), or no lse among --emit",
                        "a log-sum-exp of " + exact[i]);
            }
        }
        return null;
    }

    private static float[] narrowed(double[] exact) {
        float[] narrow = new float[exact.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) exact[i];
        }
        return narrow;
    }
}
