package org.pagedattention.request;

/** How the output of a sequence's tokens becomes one vector. */
public enum Pooling {
    /** The last token's output. */
    LAST,
    /** The mean over all tokens. */
    MEAN;

    /** The pooling with this option value. */
    public static Pooling parse(String name) {
        return switch (name) {
            case "last" -> LAST;
            case "mean" -> MEAN;
            default -> throw new IllegalArgumentException("pooling '" + name + "' is not known: use last or mean");
        };
    }

    /**
     * Pools {@code o}, {@code [tokens, width]}; no tokens give zeros.
     *
     * @param width elements of one token
     */
    public float[] pool(float[] o, int width) {
        float[] pooled = new float[width];
        int tokens = o.length / width;
        if (tokens == 0) {
            return pooled;
        }
        if (this == LAST) {
            System.arraycopy(o, (tokens - 1) * width, pooled, 0, width);
            return pooled;
        }
        double[] sums = new double[width];
        for (int i = 0; i < o.length; i++) {
            sums[i % width] += o[i];
        }
        for (int e = 0; e < width; e++) {
            pooled[e] = (float) (sums[e] / tokens);
        }
        return pooled;
    }
}
