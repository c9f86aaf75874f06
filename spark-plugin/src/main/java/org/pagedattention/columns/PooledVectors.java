package org.pagedattention.columns;

import ai.rapids.cudf.Cuda;
import ai.rapids.cudf.DeviceMemoryBuffer;
import ai.rapids.cudf.HostMemoryBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.request.Pooling;
import org.pagedattention.request.ScoringOptions;

/**
 * Makes one vector of each sequence's output. Done on the host, by the code that the row path uses, so that both give
 * the same bits; for the last token that takes a few kilobytes a sequence.
 */
final class PooledVectors {
    private final AttentionSpec spec;
    private final Pooling pooling;
    private final DeviceMemoryBuffer output;
    private final int tokenBytes;

    PooledVectors(ScoringOptions options, DeviceMemoryBuffer output) {
        spec = options.spec();
        pooling = options.pooling();
        this.output = output;
        tokenBytes = spec.outputElements() * spec.type().bytes();
    }

    /** The vectors of all rows, whose query tokens lie as {@code queries} says. */
    float[][] of(TensorBuffer queries) {
        int rows = queries.starts().length - 1;
        float[][] vectors = new float[rows][];
        int row = 0;
        while (row < rows) {
            int end = groupEnd(queries, row);
            pool(queries, row, end, vectors);
            row = end;
        }
        return vectors;
    }

    /** Rows that together take no more host memory than one slice can hold. */
    private int groupEnd(TensorBuffer queries, int first) {
        long bytes = 0;
        int end = first;
        while (end < queries.starts().length - 1 && (end == first || bytes < (256L << 20))) {
            bytes += wanted(queries, end) * (long) tokenBytes;
            end++;
        }
        return end;
    }

    private int wanted(TensorBuffer queries, int row) {
        return pooling == Pooling.LAST ? Math.min(1, queries.tokens(row)) : queries.tokens(row);
    }

    private void pool(TensorBuffer queries, int first, int end, float[][] vectors) {
        long bytes = 0;
        for (int row = first; row < end; row++) {
            bytes += wanted(queries, row) * (long) tokenBytes;
        }
        try (HostMemoryBuffer host = HostMemoryBuffer.allocate(Math.max(1, bytes), true)) {
            copy(queries, first, end, host);
            ByteBuffer o = host.asByteBuffer(0, (int) bytes).order(ByteOrder.LITTLE_ENDIAN);
            int at = 0;
            for (int row = first; row < end; row++) {
                float[] floats = new float[wanted(queries, row) * spec.outputElements()];
                spec.type().read(o, at, floats, floats.length);
                vectors[row] = pooling.pool(floats, spec.outputElements());
                at += floats.length * spec.type().bytes();
            }
        }
    }

    private void copy(TensorBuffer queries, int first, int end, HostMemoryBuffer host) {
        long at = 0;
        for (int row = first; row < end; row++) {
            int tokens = wanted(queries, row);
            if (tokens > 0) {
                long from = (long) (queries.start(row + 1) - tokens) * tokenBytes;
                host.copyFromMemoryBufferAsync(at, output, from, (long) tokens * tokenBytes, Cuda.DEFAULT_STREAM);
                at += (long) tokens * tokenBytes;
            }
        }
        Cuda.DEFAULT_STREAM.sync();
    }
}
