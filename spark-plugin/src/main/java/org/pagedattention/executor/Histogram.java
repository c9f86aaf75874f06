package org.pagedattention.executor;

import java.io.Serializable;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How often each value occurred, in bounded memory: up to 1,024 every value has a bucket of its own, beyond that 64 buckets
 * lie between a power of two and the next, so that a value is known to 1.6 %. For one thread at a time.
 */
public final class Histogram implements Serializable {
    private static final long serialVersionUID = 1;

    /** Values below it are exact. */
    private static final int EXACT = 1024;

    /** Binary digits of a value that a bucket tells. */
    private static final int DIGITS = 7;

    private final TreeMap<Long, Long> counts = new TreeMap<>();
    private long count;
    private long sum;
    private long largest;

    /**
     * Counts a value.
     *
     * @param value 0 or more
     */
    public void add(long value) {
        counts.merge(bucket(value), 1L, Long::sum);
        count++;
        sum += value;
        largest = Math.max(largest, value);
    }

    public void add(Histogram other) {
        other.counts.forEach((bucket, times) -> counts.merge(bucket, times, Long::sum));
        count += other.count;
        sum += other.sum;
        largest = Math.max(largest, other.largest);
    }

    /** The smallest value of the bucket that {@code value} is in. */
    static long bucket(long value) {
        if (value < EXACT) {
            return value;
        }
        int dropped = Long.SIZE - Long.numberOfLeadingZeros(value) - DIGITS;
        return value >> dropped << dropped;
    }

    /** Values that were counted. */
    public long count() {
        return count;
    }

    /** Their exact sum. */
    public long sum() {
        return sum;
    }

    /** The largest of them, exactly; 0 where there is none. */
    public long largest() {
        return largest;
    }

    /** How often values of each bucket occurred, by the smallest value that is in it. */
    public SortedMap<Long, Long> counts() {
        return Collections.unmodifiableSortedMap(counts);
    }

    /**
     * The value that a share of the others does not pass.
     *
     * @param share from 0 to 1
     */
    public long quantile(double share) {
        long rank = (long) Math.ceil(share * count);
        long seen = 0;
        for (var bucket : counts.entrySet()) {
            seen += bucket.getValue();
            if (seen >= rank && seen > 0) {
                return bucket.getKey();
            }
        }
        return 0;
    }
}
