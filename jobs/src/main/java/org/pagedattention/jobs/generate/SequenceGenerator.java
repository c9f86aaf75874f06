package org.pagedattention.jobs.generate;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.tensor.ElementType;
import scala.collection.mutable.ArraySeq;

/**
 * Makes rows of standard normal numbers. A row depends on the seed and its id alone, so that the same table comes out
 * of any number of partitions.
 *
 * @param spec heads, dims and element type
 * @param lengths tokens of Q
 * @param kvLengths tokens of K and V; null for as many as Q has
 * @param encoding how tensors are stored
 * @param seed any number
 */
public record SequenceGenerator(
        AttentionSpec spec, Lengths lengths, @Nullable Lengths kvLengths, Encoding encoding, long seed)
        implements Serializable {

    /** How a tensor column is stored. */
    public enum Encoding {
        BINARY,
        ARRAY;

        DataType dataType() {
            return this == BINARY ? DataTypes.BinaryType : DataTypes.createArrayType(DataTypes.FloatType, false);
        }
    }

    /** Columns id, name, q, k, v. */
    StructType schema() {
        return new StructType()
                .add("id", DataTypes.LongType, false)
                .add("name", DataTypes.StringType, false)
                .add("q", encoding.dataType(), false)
                .add("k", encoding.dataType(), false)
                .add("v", encoding.dataType(), false);
    }

    /** The same columns, where tensors may be missing. */
    public StructType nullableSchema() {
        return schema().asNullable();
    }

    /** Bytes of the tensors of a row on average, as they are stored. */
    double meanRowBytes() {
        return meanQueryBytes() + meanHistoryBytes();
    }

    /** Of q alone. */
    double meanQueryBytes() {
        return lengths.mean() * spec.queryElements() * elementBytes();
    }

    /** Of k and v. */
    double meanHistoryBytes() {
        double keys = (kvLengths == null ? lengths : kvLengths).mean();
        return keys * historyTokenBytes();
    }

    /** Of a token of k and v. */
    double historyTokenBytes() {
        return (double) (spec.keyElements() + spec.valueElements()) * elementBytes();
    }

    public Row row(long id) {
        RandomGenerator random = new SplittableRandom(scramble(seed + scramble(id)));
        int queries = lengths.draw(random);
        int keys = kvLengths == null ? queries : kvLengths.draw(random);
        return RowFactory.create(
                id,
                String.format(Locale.ROOT, "sequence-%06d", id),
                tensor(random, queries, spec.queryElements()),
                tensor(random, keys, spec.keyElements()),
                tensor(random, keys, spec.valueElements()));
    }

    Object tensor(RandomGenerator random, int tokens, int tokenElements) {
        int elements = elements(tokens, tokenElements);
        if (encoding == Encoding.ARRAY) {
            float[] values = new float[elements];
            for (int i = 0; i < elements; i++) {
                values[i] = spec.type().round((float) random.nextGaussian());
            }
            return new ArraySeq.ofFloat(values);
        }
        ElementType type = spec.type();
        ByteBuffer bytes = ByteBuffer.allocate(elements * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < elements; i++) {
            type.put(bytes, i * type.bytes(), (float) random.nextGaussian());
        }
        return bytes.array();
    }

    private int elements(int tokens, int tokenElements) {
        long bytes = (long) tokens * tokenElements * elementBytes();
        if (bytes > Integer.MAX_VALUE - 64) {
            throw new IllegalStateException("a sequence of " + tokens + " tokens takes " + bytes
                    + " bytes in one column, and a column value holds less than 2 GiB: make --lengths or --kv-lengths"
                    + " shorter");
        }
        return tokens * tokenElements;
    }

    private int elementBytes() {
        return encoding == Encoding.ARRAY ? Float.BYTES : spec.type().bytes();
    }

    /** Spreads neighbouring numbers over all 64 bits (the finalizer of MurmurHash3). */
    static long scramble(long x) {
        long h = (x ^ x >>> 33) * 0xff51afd7ed558ccdL;
        h = (h ^ h >>> 33) * 0xc4ceb9fe1a85ec53L;
        return h ^ h >>> 33;
    }
}
