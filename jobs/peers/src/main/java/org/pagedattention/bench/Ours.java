package org.pagedattention.bench;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.LongSupplier;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.backend.AttentionOutput;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PageSize;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.tensor.ElementType;

/** The backend of this project, on one batch in a packed container. */
final class Ours implements Contender {
    private final AttentionBackend backend;
    private final Problem problem;
    private final LongSupplier clock;
    private final PagedBatch pages;
    private final byte[] queries;
    private final byte[] keys;
    private final byte[] values;
    private final byte[] output;

    Ours(AttentionBackend backend, Problem problem, LongSupplier clock) {
        this.clock = clock;
        this.backend = backend;
        this.problem = problem;
        pages = PagedBatch.plan(PageLayout.PACKED, PageSize.DEFAULT, problem.lengths());
        queries = bytes(problem.q());
        keys = bytes(problem.k());
        values = bytes(problem.v());
        output = new byte
                [pages.queryTokens()
                        * problem.spec().outputElements()
                        * problem.spec().type().bytes()];
    }

    @Override
    public String name() {
        return "ours";
    }

    @Override
    public String use() {
        return "paged";
    }

    @Override
    public long runNanos() {
        try (AttentionBatch batch = backend.open(problem.spec(), pages, false)) {
            batch.queries().put(0, queries);
            batch.keys().put(0, keys);
            batch.values().put(0, values);
            long start = clock.getAsLong();
            batch.start();
            AttentionOutput result = batch.await();
            long nanos = clock.getAsLong() - start;
            result.o().get(0, output);
            return nanos;
        }
    }

    @Override
    public float[] output(int sequence) {
        ElementType type = problem.spec().type();
        ByteBuffer source = ByteBuffer.wrap(output).order(ByteOrder.LITTLE_ENDIAN);
        int first = pages.queryStart(sequence) * problem.spec().outputElements();
        float[] o = new float[problem.tokens(sequence) * problem.spec().outputElements()];
        for (int i = 0; i < o.length; i++) {
            o[i] = type.get(source, (first + i) * type.bytes());
        }
        return o;
    }

    @Override
    public void close() {
        // the backend is the caller's
    }

    /** Sequences end to end, which is also how a packed container has them. */
    private byte[] bytes(float[][] sequences) {
        ElementType type = problem.spec().type();
        int elements = 0;
        for (float[] sequence : sequences) {
            elements += sequence.length;
        }
        byte[] bytes = new byte[elements * type.bytes()];
        ByteBuffer target = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int at = 0;
        for (float[] sequence : sequences) {
            for (float value : sequence) {
                type.put(target, at, value);
                at += type.bytes();
            }
        }
        return bytes;
    }
}
