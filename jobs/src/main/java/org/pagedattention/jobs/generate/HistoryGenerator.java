package org.pagedattention.jobs.generate;

import java.io.Serializable;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Makes histories and rows that ask them, of standard normal numbers. A row depends on the options and its number alone, so
 * that the same tables come out of any number of partitions.
 *
 * @param tensors heads, dims, types and the seed; tokens of q and of histories
 * @param histories that rows ask
 * @param skew share of the rows that ask the first history; the others ask any
 * @param missing share of the rows whose history is in no table
 * @param own tokens of k and v that a row has itself; null where it has none
 */
public record HistoryGenerator(
        SequenceGenerator tensors,
        long histories,
        double skew,
        double missing,
        @Nullable Lengths own) implements Serializable {

    public HistoryGenerator {
        if (histories < 1 || !(skew >= 0 && skew <= 1) || !(missing >= 0 && missing <= 1)) {
            throw new IllegalArgumentException("--histories " + histories + ", --skew " + skew + " and --missing "
                    + missing + " are out of range: there is 1 history or more, and shares are from 0 to 1");
        }
    }

    /** Columns id, history, q, and where rows have them k and v. */
    public StructType querySchema() {
        StructType asking = new StructType()
                .add("id", DataTypes.LongType, false)
                .add("history", DataTypes.LongType, false)
                .add("q", tensors.encoding().dataType(), false);
        return own == null
                ? asking
                : asking.add("k", tensors.encoding().dataType(), false)
                        .add("v", tensors.encoding().dataType(), false);
    }

    /** Columns history, k, v. */
    public StructType historySchema() {
        return new StructType()
                .add("history", DataTypes.LongType, false)
                .add("k", tensors.encoding().dataType(), false)
                .add("v", tensors.encoding().dataType(), false);
    }

    /** A row that asks. */
    public Row query(long id) {
        RandomGenerator random = random(id, 1);
        long asked = asked(id, random);
        int tokens = tensors.lengths().draw(random);
        Object q = tensors.tensor(random, tokens, tensors.spec().queryElements());
        if (own == null) {
            return RowFactory.create(id, asked, q);
        }
        int keys = own.draw(random);
        return RowFactory.create(
                id,
                asked,
                q,
                tensors.tensor(random, keys, tensors.spec().keyElements()),
                tensors.tensor(random, keys, tensors.spec().valueElements()));
    }

    /** Histories take turns, so that rows that ask one are far from each other; keys of none are negative. */
    private long asked(long id, RandomGenerator random) {
        boolean none = random.nextDouble() < missing;
        boolean first = random.nextDouble() < skew;
        return none ? -1 - id % histories : first ? 0 : id % histories;
    }

    private int historyTokens(RandomGenerator random) {
        Lengths lengths = tensors.kvLengths() == null ? tensors.lengths() : tensors.kvLengths();
        return lengths.draw(random);
    }

    /** A history. */
    public Row history(long number) {
        RandomGenerator random = random(number, 2);
        int tokens = historyTokens(random);
        return RowFactory.create(
                number,
                tensors.tensor(random, tokens, tensors.spec().keyElements()),
                tensors.tensor(random, tokens, tensors.spec().valueElements()));
    }

    private RandomGenerator random(long number, int purpose) {
        return new SplittableRandom(SequenceGenerator.scramble(
                tensors.seed() + SequenceGenerator.scramble(number + SequenceGenerator.scramble(purpose))));
    }
}
