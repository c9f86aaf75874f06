package org.pagedattention.jobs.bench.sharing;

import java.io.Serializable;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.jobs.generate.Lengths;

/**
 * The rows of one comparison: histories, rows that ask them in turns, and such rows with copies. Each depends on its number
 * alone.
 *
 * @param queryTokens tokens of a row that asks
 * @param historyTokens tokens of a history
 * @param histories how many there are
 */
record SharingRows(AttentionSpec spec, Lengths queryTokens, Lengths historyTokens, long histories)
        implements Serializable {
    static final String KEY = "history";

    /** Columns id, history, q. */
    StructType querySchema() {
        return new StructType()
                .add("id", DataTypes.LongType, false)
                .add(KEY, DataTypes.LongType, false)
                .add("q", DataTypes.BinaryType, false);
    }

    /** Columns history, k, v. */
    StructType historySchema() {
        return new StructType()
                .add(KEY, DataTypes.LongType, false)
                .add("k", DataTypes.BinaryType, false)
                .add("v", DataTypes.BinaryType, false);
    }

    /** Columns id, history, q, k, v. */
    StructType unsharedSchema() {
        return querySchema().add("k", DataTypes.BinaryType, false).add("v", DataTypes.BinaryType, false);
    }

    /** A row that asks; neighbours ask others, so that those that ask one history are far from each other. */
    Row query(long id) {
        RandomGenerator random = random(id, 1);
        return RowFactory.create(id, id % histories, tensor(random, queryTokens.draw(random), spec.queryElements()));
    }

    /** A history. */
    Row history(long number) {
        RandomGenerator random = random(number, 2);
        int tokens = historyTokens.draw(random);
        return RowFactory.create(
                number, tensor(random, tokens, spec.keyElements()), tensor(random, tokens, spec.valueElements()));
    }

    /** A row that asks, with a copy of its history. */
    Row unshared(long id) {
        Row query = query(id);
        Row history = history(query.getLong(1));
        return RowFactory.create(query.get(0), query.get(1), query.get(2), history.get(1), history.get(2));
    }

    /** Tokens of all histories. */
    long allHistoryTokens() {
        return LongStream.range(0, histories)
                .map(number -> historyTokens.draw(random(number, 2)))
                .sum();
    }

    private byte[] tensor(RandomGenerator random, int tokens, int tokenElements) {
        return NormalNumbers.tensor(spec.type(), random.nextInt(), Math.multiplyExact(tokens, tokenElements));
    }

    private static RandomGenerator random(long number, int purpose) {
        return new SplittableRandom(4 * number + purpose);
    }
}
