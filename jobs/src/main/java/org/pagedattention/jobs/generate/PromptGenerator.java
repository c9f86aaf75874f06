package org.pagedattention.jobs.generate;

import java.io.Serializable;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.collection.immutable.ArraySeq;

/**
 * Makes continuations behind prompts, as token ids. A row depends on the options and its id alone, so that the same table
 * comes out of any number of partitions.
 *
 * @param prompts how many there are
 * @param promptTokens tokens of a prompt
 * @param levels parts of a prompt of equal length, all but the last of which it has in common with others: each part is
 *     followed by about as many different ones
 * @param continuations tokens of a continuation
 * @param skew share of the rows that have the first prompt; the others have any
 * @param vocabulary token ids are below it
 * @param seed any number
 */
public record PromptGenerator(
        int prompts, Lengths promptTokens, int levels, Lengths continuations, double skew, int vocabulary, long seed)
        implements Serializable {
    /** Ids below it are special tokens in many vocabularies. */
    private static final int FIRST_ID = 10;

    public PromptGenerator {
        if (prompts < 1 || levels < 1 || !(skew >= 0 && skew <= 1) || vocabulary <= FIRST_ID) {
            throw new IllegalArgumentException("--prompts " + prompts + ", --levels " + levels + ", --skew " + skew
                    + " and --vocabulary " + vocabulary
                    + " are out of range: prompts and levels are 1 or more, the skew is from 0 to 1, and the vocabulary"
                    + " has more than " + FIRST_ID + " tokens");
        }
    }

    /** Columns id, prompt (its number), context_tokens, tokens. */
    StructType schema() {
        return new StructType()
                .add("id", DataTypes.LongType, false)
                .add("prompt", DataTypes.IntegerType, false)
                .add("context_tokens", DataTypes.createArrayType(DataTypes.IntegerType, false), false)
                .add("tokens", DataTypes.createArrayType(DataTypes.IntegerType, false), false);
    }

    Row row(long id) {
        int prompt = promptOf(id);
        return RowFactory.create(id, prompt, new ArraySeq.ofInt(prompt(prompt)), new ArraySeq.ofInt(continuation(id)));
    }

    /** Which prompt a row has: one after the other, so that rows that begin alike are far from each other. */
    private int promptOf(long id) {
        boolean first = random(id, -2).nextDouble() < skew;
        return first ? 0 : (int) (id % prompts);
    }

    /** The tokens of a prompt: of each level, those of the branch that it is on. */
    public int[] prompt(int prompt) {
        int length = promptTokens.draw(random(prompt, -3));
        int[] ids = new int[length];
        double branches = Math.pow(prompts, 1.0 / levels);
        for (int level = 0; level < levels; level++) {
            // how many branches there are on this level, and which of them this prompt is on
            long count = level == levels - 1 ? prompts : Math.round(Math.pow(branches, level + 1));
            long branch = (long) prompt * count / prompts;
            int from = (int) ((long) length * level / levels);
            int to = (int) ((long) length * (level + 1) / levels);
            int[] part = tokens(random(branch, level), to - from);
            System.arraycopy(part, 0, ids, from, part.length);
        }
        return ids;
    }

    /** The tokens of the continuation of a row. */
    public int[] continuation(long id) {
        RandomGenerator random = random(id, -1);
        return tokens(random, Math.max(1, continuations.draw(random)));
    }

    private int[] tokens(RandomGenerator random, int count) {
        int[] ids = new int[count];
        Arrays.setAll(ids, i -> random.nextInt(FIRST_ID, vocabulary));
        return ids;
    }

    private RandomGenerator random(long number, int purpose) {
        return new SplittableRandom(scramble(seed + scramble(number + scramble(purpose))));
    }

    /** Spreads neighbouring numbers over all 64 bits (the finalizer of MurmurHash3). */
    private static long scramble(long x) {
        long h = (x ^ x >>> 33) * 0xff51afd7ed558ccdL;
        h = (h ^ h >>> 33) * 0xc4ceb9fe1a85ec53L;
        return h ^ h >>> 33;
    }
}
