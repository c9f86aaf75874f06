package org.pagedattention.cpu;

import java.nio.ByteBuffer;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.BatchInputs;
import org.pagedattention.tensor.ElementType;

/** Inputs in pooled memory of the heap. */
record CpuInputs(BufferPool pool, ByteBuffer queries, ByteBuffer keys, ByteBuffer values) implements BatchInputs {

    static CpuInputs take(BufferPool pool, AttentionSpec spec, int queryTokens, int containerTokens) {
        int queries = bytes("Q", queryTokens, spec.queryElements(), spec.type());
        int keys = bytes("K", containerTokens, spec.keyElements(), spec.type());
        int values = bytes("V", containerTokens, spec.valueElements(), spec.type());
        return new CpuInputs(pool, pool.take(queries), pool.take(keys), pool.take(values));
    }

    /** Bytes of a tensor, as far as one array can hold them. */
    static int bytes(String tensor, int tokens, int tokenElements, ElementType type) {
        long bytes = (long) tokens * tokenElements * type.bytes();
        if (bytes > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(tensor + " of " + tokens + " tokens takes " + bytes
                    + " bytes, more than the 2^31 that one batch can hold on the CPU: lower the batch's token budget");
        }
        return (int) bytes;
    }

    @Override
    public void close() {
        pool.give(queries);
        pool.give(keys);
        pool.give(values);
    }
}
