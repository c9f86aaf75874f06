package org.pagedattention.scoring;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.ReferenceAttention;
import org.pagedattention.backend.AttentionOutput;
import org.pagedattention.request.Emit;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.scoring.sequences.Sequence;
import org.pagedattention.tensor.ElementType;

/**
 * Scores sequences whose numbers are too large for fp32 in fp64, one at a time: slow, but such rows are rare, and all
 * backends leave them to this.
 */
final class ExactScorer {
    private final AttentionSpec spec;
    private final ScoringOptions options;
    private final ResultEncoder encoder;

    /**
     * @param spec what is computed, its type the compute type
     */
    ExactScorer(AttentionSpec spec, ScoringOptions options, ResultEncoder encoder) {
        this.spec = spec;
        this.options = options;
        this.encoder = encoder;
    }

    /**
     * The result columns of {@code sequence}, whose tensors are finite.
     *
     * @throws BadRow when they do not fit their types
     */
    Object[] score(Sequence sequence) throws BadRow {
        ReferenceAttention.Result exact = ReferenceAttention.attend(
                spec,
                sequence.q().floats(spec.type()),
                sequence.k().floats(spec.type()),
                sequence.v().floats(spec.type()));
        float[] lse = narrowed(exact.lse());
        if (options.emit().contains(Emit.LSE)) {
            requireFits(exact.lse(), lse);
        }
        Object[] results =
                encoder.encode(output(exact.o(), lse), 0, sequence.lengths().queryTokens());
        if (results == null) {
            ElementType stored = options.spec().type();
            throw new BadRow(
                    "the attention output overflows " + stored,
                    "numbers of magnitude up to " + stored.largest()
                            + ", as o is stored like q (option type, option computeType)",
                    "larger ones");
        }
        return results;
    }

    private AttentionOutput output(double[] exact, float[] lse) {
        float[] o = narrowed(exact);
        ByteBuffer bytes = ByteBuffer.allocate(o.length * spec.type().bytes()).order(ByteOrder.LITTLE_ENDIAN);
        spec.type().write(o, o.length, bytes, 0);
        return new AttentionOutput(bytes, false, FloatBuffer.wrap(lse));
    }

    /** An infinity that was none in fp64 is too large; others are of queries that see no key. */
    private static void requireFits(double[] exact, float[] lse) throws BadRow {
        for (int i = 0; i < lse.length; i++) {
            if (Float.isInfinite(lse[i]) && !Double.isInfinite(exact[i])) {
                throw new BadRow(
                        "the log-sum-exp overflows fp32",
                        "scores of magnitude up to " + Float.MAX_VALUE + " (option scale), or no lse in option emit",
                        "a log-sum-exp of " + exact[i]);
            }
        }
    }

    private static float[] narrowed(double[] exact) {
        float[] narrow = new float[exact.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) exact[i];
        }
        return narrow;
    }
}
