package org.pagedattention.cudnn;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Tensor;
import org.pagedattention.backend.Weight;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;
import org.pagedattention.tensor.StoredRows;

/** Random numbers and lengths for checks on a GPU, and what keeps one failure from ending them. */
final class CheckData {
    private static final Random RANDOM = new Random(1);

    private CheckData() {}

    static Tensor upload(Pass pass, PagedBatch pages, int columns, float[] data) {
        return pass.upload(Shape.of(pages.queryTokens(), columns), target -> {
            int left = pages.queryTokens() * columns;
            while (left > 0) {
                int count = Math.min(left, data.length);
                target.asFloatBuffer().put(data, 0, count);
                target.position(target.position() + count * Float.BYTES);
                target = target.slice().order(ByteOrder.LITTLE_ENDIAN);
                left -= count;
            }
        });
    }

    static PagedBatch glosses(int tokens) {
        return filled(tokens, 8, 28);
    }

    static PagedBatch documents(int tokens) {
        return filled(tokens, 60, 320);
    }

    static PagedBatch fixed(int tokens) {
        return filled(tokens, 512, 512);
    }

    static PagedBatch filled(int tokens, int least, int most) {
        Random random = new Random(tokens + least);
        List<Integer> lengths = new ArrayList<>();
        int left = tokens;
        while (left > 0) {
            int next = Math.min(left, least + random.nextInt(most - least + 1));
            lengths.add(next);
            left -= next;
        }
        return plan(lengths.stream().mapToInt(i -> i));
    }

    static PagedBatch plan(IntStream lengths) {
        return PagedBatch.plan(
                PageLayout.PACKED,
                64,
                lengths.mapToObj(n -> new SequenceLengths(n, n)).toList());
    }

    static float[] numbers(long count, double scale) {
        return numbers(RANDOM, count, scale, 0);
    }

    static float[] numbers(Random random, long count, double scale, double mean) {
        float[] made = new float[Math.toIntExact(count)];
        for (int i = 0; i < made.length; i++) {
            made[i] = (float) ((random.nextDouble() * 2 - 1) * Math.sqrt(3) * scale + mean);
        }
        return made;
    }

    static Weight hold(ModelBackend backend, float[] values, int... shape) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        ElementType.FP16.write(values, values.length, bytes, 0);
        return backend.hold(ElementType.FP16, Shape.of(shape), bytes);
    }

    /** A table in 16 bits. */
    static StoredRows rows(Random random, int rows, int columns) {
        float[] values = numbers(random, (long) rows * columns, 0.05, 0);
        ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        ElementType.FP16.write(values, values.length, bytes, 0);
        return new StoredRows() {
            @Override
            public ElementType type() {
                return ElementType.FP16;
            }

            @Override
            public Shape shape() {
                return Shape.of(rows, columns);
            }

            @Override
            public ByteBuffer rows(int first, int count) {
                return bytes.slice(2 * first * columns, 2 * count * columns).order(ByteOrder.LITTLE_ENDIAN);
            }
        };
    }

    interface Body {
        void run();
    }

    static void guard(String what, Body body) {
        try {
            body.run();
        } catch (RuntimeException | Error e) {
            System.out.println("FAILED " + what + ": " + e);
            for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
                System.out.println("    because " + cause);
            }
            for (Throwable other : e.getSuppressed()) {
                System.out.println("    beside " + other);
            }
            StackTraceElement[] trace = e.getStackTrace();
            for (int i = 0; i < Math.min(8, trace.length); i++) {
                System.out.println("      at " + trace[i]);
            }
        }
    }
}
