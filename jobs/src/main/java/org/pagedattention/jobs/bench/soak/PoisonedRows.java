package org.pagedattention.jobs.bench.soak;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.jobs.generate.SequenceGenerator;
import org.pagedattention.tensor.ElementType;

/**
 * Random rows, one in ten of which cannot be scored, each for one of the reasons there are.
 *
 * @param rows makes the good ones, as BINARY columns, none of them empty
 */
record PoisonedRows(SequenceGenerator rows) implements MapFunction<Long, Row> {
    private static final int POISONS = 7;
    private static final int ONE_IN = 10;

    /** How many of the rows {@code 0..count} are bad. */
    long bad(long count) {
        long bad = 0;
        for (long id = 0; id < count; id++) {
            bad += poison(id) < POISONS ? 1 : 0;
        }
        return bad;
    }

    @Override
    public Row call(Long id) {
        Row row = rows.row(id);
        byte[] q = (byte[]) row.get(2);
        byte[] k = (byte[]) row.get(3);
        byte[] v = (byte[]) row.get(4);
        AttentionSpec spec = rows.spec();
        ElementType type = spec.type();
        switch (poison(id)) {
            case 0 -> k = null;
            case 1 -> q = Arrays.copyOf(q, q.length - 1);
            case 2 -> v = Arrays.copyOf(v, v.length - spec.valueElements() * type.bytes());
            case 3 -> {
                k = new byte[0];
                v = new byte[0];
            }
            case 4 -> set(type, v, v.length / 2, Float.NaN);
            case 5 -> set(type, q, 0, Float.POSITIVE_INFINITY);
            case 6 -> set(type, k, k.length - type.bytes(), Float.NEGATIVE_INFINITY);
            default -> {}
        }
        return RowFactory.create(row.get(0), row.get(1), q, k, v);
    }

    private int poison(long id) {
        return new SplittableRandom(rows.seed() * 31 + id).nextInt(POISONS * ONE_IN);
    }

    private static void set(ElementType type, byte[] tensor, int at, float value) {
        type.put(ByteBuffer.wrap(tensor).order(ByteOrder.LITTLE_ENDIAN), at - at % type.bytes(), value);
    }
}
