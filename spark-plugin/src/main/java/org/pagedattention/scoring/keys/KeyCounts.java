package org.pagedattention.scoring.keys;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.util.sketch.BloomFilter;
import org.apache.spark.util.sketch.IncompatibleMergeException;

/**
 * How many rows keys have: the frequent keys one by one, the others by groups of them. However many keys there are, this is
 * small. For one thread.
 */
final class KeyCounts implements Serializable {
    private static final long serialVersionUID = 1;

    /** Of a filter, 2 MB; beyond, it lets more keys pass that have no row. */
    private static final long MOST_BITS = 1L << 24;

    private static final int BITS_A_KEY = 10;
    private static final int FEWEST_BITS = 1 << 10;

    private final long frequent;
    private final long[] groups;
    private final TreeMap<Long, Long> frequentKeys = new TreeMap<>();
    private final BloomFilter known;

    /**
     * @param frequent rows of a key from which on it is counted by itself
     * @param groups of other keys
     * @param keys how many there are
     */
    KeyCounts(long frequent, int groups, long keys) {
        this.frequent = frequent;
        this.groups = new long[groups];
        long bits = Math.max(FEWEST_BITS, Math.min(MOST_BITS, BITS_A_KEY * keys));
        known = BloomFilter.create(Math.max(1, keys), bits);
    }

    /** Rows, and different keys. */
    record Total(long rows, long keys) implements Serializable {
        Total plus(Total other) {
            return new Total(rows + other.rows, keys + other.keys);
        }
    }

    /**
     * Adds up all keys.
     *
     * @param counts one row a key: the hash of the key, and how many rows have it
     */
    static Total total(JavaRDD<InternalRow> counts) {
        return counts.mapPartitions(rows -> {
                    Total total = new Total(0, 0);
                    while (rows.hasNext()) {
                        total = total.plus(new Total(rows.next().getLong(1), 1));
                    }
                    return List.of(total).iterator();
                })
                .fold(new Total(0, 0), Total::plus);
    }

    /** Counts keys; parameters as of the constructor, and {@code counts} as of {@link #total}. */
    static KeyCounts of(JavaRDD<InternalRow> counts, long frequent, int groups, long keys) {
        return counts.mapPartitions((Iterator<InternalRow> rows) -> {
                    KeyCounts part = new KeyCounts(frequent, groups, keys);
                    while (rows.hasNext()) {
                        InternalRow row = rows.next();
                        part.add(row.getLong(0), row.getLong(1));
                    }
                    return List.of(part).iterator();
                })
                .treeReduce(KeyCounts::merge);
    }

    void add(long key, long rows) {
        known.putLong(key);
        if (rows >= frequent) {
            frequentKeys.merge(key, rows, Long::sum);
        } else {
            groups[group(key, groups.length)] += rows;
        }
    }

    KeyCounts merge(KeyCounts other) {
        for (int i = 0; i < groups.length; i++) {
            groups[i] += other.groups[i];
        }
        other.frequentKeys.forEach((key, rows) -> frequentKeys.merge(key, rows, Long::sum));
        try {
            known.mergeInPlace(other.known);
        } catch (IncompatibleMergeException e) {
            throw new IllegalStateException("filters of one size do not go together", e);
        }
        return this;
    }

    /** The group of a key that is not frequent. */
    static int group(long key, int groups) {
        return (int) Long.remainderUnsigned(key, groups);
    }

    /** Rows of each group. */
    long[] groups() {
        return groups.clone();
    }

    /** Rows of each frequent key. */
    Map<Long, Long> frequentKeys() {
        return frequentKeys;
    }

    /** Lets all keys pass that have rows, and few others. */
    BloomFilter known() {
        return known;
    }
}
