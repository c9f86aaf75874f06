package org.pagedattention.scoring;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionOutput;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.ElementType;
import org.pagedattention.paging.PagedBatch;

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

    /** The result columns of {@code sequence}; null when a number in its output is not finite. */
    @Nullable
    InternalRow encode(AttentionOutput output, PagedBatch pages, int sequence) {
        int firstToken = pages.queryStart(sequence);
        int tokens = pages.lengths(sequence).queryTokens();
        float[] o = floats(output.o(), firstToken, tokens);
        for (float value : o) {
            if (!Float.isFinite(value)) {
                return null;
            }
        }
        Object[] values = new Object[options.emit().size() + (options.marksBadRows() ? 1 : 0)];
        int column = 0;
        for (Emit emit : options.emit()) {
            values[column++] = switch (emit) {
                case O -> arrays ? UnsafeArrayData.fromPrimitiveArray(o) : bytes(output.o(), o, firstToken);
                case LSE -> UnsafeArrayData.fromPrimitiveArray(lse(output.lse(), firstToken, tokens));
                case POOLED -> UnsafeArrayData.fromPrimitiveArray(pooled(o));
                case SCORE -> score(o);
            };
        }
        return new GenericInternalRow(values);
    }

    private float[] floats(ByteBuffer o, int firstToken, int tokens) {
        float[] floats = new float[tokens * spec.outputElements()];
        spec.type().read(o, firstToken * spec.outputElements() * spec.type().bytes(), floats, floats.length);
        return floats;
    }

    private byte[] bytes(ByteBuffer o, float[] decoded, int firstToken) {
        ElementType stored = options.spec().type();
        byte[] bytes = new byte[decoded.length * stored.bytes()];
        if (stored == spec.type()) {
            o.get(firstToken * spec.outputElements() * stored.bytes(), bytes);
        } else {
            stored.write(decoded, decoded.length, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), 0);
        }
        return bytes;
    }

    private float[] lse(@Nullable FloatBuffer all, int firstToken, int tokens) {
        if (all == null) {
            throw new IllegalStateException("the backend gave no LSE");
        }
        float[] lse = new float[tokens * spec.queryHeads()];
        all.get(firstToken * spec.queryHeads(), lse);
        return lse;
    }

    private float[] pooled(float[] o) {
        return options.pooling().pool(o, spec.outputElements());
    }

    private double score(float[] o) {
        LinearHead head = options.head();
        if (head == null) {
            throw new IllegalStateException("a score without a head");
        }
        return head.score(pooled(o));
    }
}
