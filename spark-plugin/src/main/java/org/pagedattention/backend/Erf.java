package org.pagedattention.backend;

/** The error function in double precision. */
final class Erf {
    /** Beyond it erf is 1 in double precision. */
    private static final double FLAT = 6;

    private static final double SERIES_END = 2.5;
    private static final int FRACTION_TERMS = 120;

    private Erf() {}

    /** erf(x), absolute error below 1e-14. */
    static double of(double x) {
        double a = Math.abs(x);
        if (Double.isNaN(x) || a > FLAT) {
            return Math.signum(x);
        }
        return Math.signum(x) * (a < SERIES_END ? series(a) : 1 - complement(a));
    }

    /** 2/√π · e^(-x²) · Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1)): all terms positive, so nothing cancels. */
    private static double series(double x) {
        double term = x;
        double sum = x;
        for (int n = 1; term > sum * 1e-17; n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }

    /** Laplace's continued fraction of erfc, from its end. */
    private static double complement(double x) {
        double tail = x;
        for (int n = FRACTION_TERMS; n > 0; n--) {
            tail = x + n / 2.0 / tail;
        }
        return Math.exp(-x * x) / Math.sqrt(Math.PI) / tail;
    }
}
