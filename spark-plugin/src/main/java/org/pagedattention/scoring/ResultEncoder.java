package org.pagedattention.scoring;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.AttentionOutput;
import org.pagedattention.request.Emit;
import org.pagedattention.request.LinearHead;
import org.pagedattention.request.Pooling;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.tensor.ElementType;

/** Makes a row's result columns of its part of a batch's output, without boxing an element. */
final class ResultEncoder {
    private final ScoringOptions options;
    private final boolean arrays;
    private final AttentionSpec spec;

    /**
     * @param arrays whether o goes out as ARRAY&lt;FLOAT&gt;
     * @param spec what was computed; its type is that of the output
     */
    ResultEncoder(ScoringOptions options, boolean arrays, AttentionSpec spec) {
        this.options = options;
        this.arrays = arrays;
        this.spec = spec;
    }

    /**
     * The result columns of a row; null when a number of its output is not finite, here or once stored.
     *
     * @param first the row's first query token among all of the batch
     * @param tokens its query tokens
     */
    Object @Nullable [] encode(AttentionOutput output, int first, int tokens) {
        if (!output.finite() && !spec.type().allFinite(output.o(), byteAt(first), tokens * spec.outputElements())) {
            return null;
        }
        Object[] values = new Object[options.emit().size()];
        int column = 0;
        for (Emit emit : options.emit()) {
            if (emit == Emit.O && !fits(output.o(), first, tokens)) {
                return null;
            }
            values[column++] = switch (emit) {
                case O -> o(output.o(), first, tokens);
                case LSE -> UnsafeArrayData.fromPrimitiveArray(lse(output.lse(), first, tokens));
                case POOLED -> UnsafeArrayData.fromPrimitiveArray(pooled(output.o(), first, tokens));
                case SCORE -> score(pooled(output.o(), first, tokens));
            };
        }
        return values;
    }

    /** Whether rounding to the type that {@code o} is stored in keeps finite numbers finite. */
    private boolean fits(ByteBuffer o, int first, int tokens) {
        ElementType stored = options.spec().type();
        if (arrays || stored.largest() >= spec.type().largest()) {
            return true;
        }
        for (float value : floats(o, first, tokens)) {
            if (!Float.isFinite(stored.round(value))) {
                return false;
            }
        }
        return true;
    }

    private Object o(ByteBuffer o, int first, int tokens) {
        if (arrays) {
            return UnsafeArrayData.fromPrimitiveArray(floats(o, first, tokens));
        }
        ElementType stored = options.spec().type();
        byte[] bytes = new byte[tokens * spec.outputElements() * stored.bytes()];
        if (stored == spec.type()) {
            o.get(byteAt(first), bytes);
        } else {
            float[] floats = floats(o, first, tokens);
            stored.write(floats, floats.length, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), 0);
        }
        return bytes;
    }

    private float[] pooled(ByteBuffer o, int first, int tokens) {
        boolean lastAlone = options.pooling() == Pooling.LAST && tokens > 0;
        float[] floats = lastAlone ? floats(o, first + tokens - 1, 1) : floats(o, first, tokens);
        return options.pooling().pool(floats, spec.outputElements());
    }

    private float[] floats(ByteBuffer o, int first, int tokens) {
        float[] floats = new float[tokens * spec.outputElements()];
        spec.type().read(o, byteAt(first), floats, floats.length);
        return floats;
    }

    private int byteAt(int token) {
        return token * spec.outputElements() * spec.type().bytes();
    }

    private float[] lse(@Nullable FloatBuffer all, int firstToken, int tokens) {
        if (all == null) {
            throw new IllegalStateException("the backend gave no LSE");
        }
        float[] lse = new float[tokens * spec.queryHeads()];
        all.get(firstToken * spec.queryHeads(), lse);
        return lse;
    }

    private double score(float[] pooled) {
        LinearHead head = options.head();
        if (head == null) {
            throw new IllegalStateException("a score without a head");
        }
        return head.score(pooled);
    }
}
