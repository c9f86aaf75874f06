package org.pagedattention.cudnn;

import java.util.Arrays;

/** An array of ints that nobody changes. */
final class IntArray {
    private final int[] values;

    IntArray(int... values) {
        this.values = values.clone();
    }

    int size() {
        return values.length;
    }

    int get(int index) {
        return values[index];
    }

    /** The largest; 0 when there is none. */
    int max() {
        return Arrays.stream(values).max().orElse(0);
    }
}
