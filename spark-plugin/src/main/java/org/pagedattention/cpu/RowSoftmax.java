package org.pagedattention.cpu;

/** What is known of the softmax of one row while its logits come in parts, first to last. */
final class RowSoftmax {
    private final int target;
    private float targetLogit = Float.NaN;
    private float most = Float.NEGATIVE_INFINITY;
    private int first = -1;
    /** Of e to the power of each logit less {@link #most}. */
    private double sum;

    RowSoftmax(int target) {
        this.target = target;
    }

    /**
     * Takes a part of the logits, which may be overwritten.
     *
     * @param column of the part's first logit
     */
    void add(DenseKernel kernel, float[] logits, int from, int count, int column) {
        if (target >= column && target < column + count) {
            targetLogit = logits[from + target - column];
        }
        float largest = kernel.largest(logits, from, count);
        if (!(largest <= most)) {
            // a NaN comes here too, and stays in the sum
            sum *= Math.exp(most - largest);
            most = largest;
            first = column + indexOf(largest, logits, from);
        }
        if (largest > Float.NEGATIVE_INFINITY) {
            sum += kernel.sumOfPowers(logits, from, count, most);
        }
    }

    private static int indexOf(float value, float[] logits, int from) {
        int i = from;
        while (logits[i] != value && !Float.isNaN(logits[i])) {
            i++;
        }
        return i - from;
    }

    /** Natural logarithm of the target's probability; NaN when a logit is NaN or infinite upwards. */
    float logProbability() {
        return Float.isInfinite(most) ? Float.NaN : (float) (targetLogit - most - Math.log(sum));
    }

    /** Whether the target's logit is the first of the largest. */
    boolean isLargest() {
        return first == target;
    }
}
