package org.pagedattention.jobs.generate;

import java.io.Serializable;
import java.util.List;
import java.util.random.RandomGenerator;

/** How long generated sequences are, in tokens. */
public sealed interface Lengths extends Serializable {
    /** The forms, for help and messages. */
    String FORMS = "lognormal:MEAN:SIGMA:MAX, fixed:N or uniform:A:B";

    /** Draws one length. */
    int draw(RandomGenerator random);

    /** The mean, where MAX does not cut. */
    double mean();

    /**
     * Lengths whose logarithm is normal.
     *
     * @param mean mean of the lengths before the cut at {@code max}
     * @param sigma standard deviation of the natural logarithm of the lengths
     * @param max longest; longer draws become this
     */
    record LogNormal(double mean, double sigma, int max) implements Lengths {
        public LogNormal {
            if (!(mean >= 1 && Double.isFinite(mean)) || !(sigma >= 0 && sigma <= 10) || max < 1) {
                throw new IllegalArgumentException("lognormal:" + mean + ":" + sigma + ":" + max
                        + " is out of range: MEAN and MAX must be 1 or more, SIGMA from 0 to 10");
            }
        }

        @Override
        public String toString() {
            return "lognormal:" + plain(mean) + ":" + plain(sigma) + ":" + max;
        }

        @Override
        public int draw(RandomGenerator random) {
            double mu = Math.log(mean) - sigma * sigma / 2;
            double length = Math.exp(mu + sigma * random.nextGaussian());
            return (int) Math.max(1, Math.min(max, Math.round(length)));
        }
    }

    /** One length for all. */
    record Fixed(int tokens) implements Lengths {
        public Fixed {
            if (tokens < 0) {
                throw new IllegalArgumentException("fixed:" + tokens + " is negative: N counts tokens");
            }
        }

        @Override
        public String toString() {
            return "fixed:" + tokens;
        }

        @Override
        public int draw(RandomGenerator random) {
            return tokens;
        }

        @Override
        public double mean() {
            return tokens;
        }
    }

    /** Every length from {@code min} to {@code max}, both included, equally often. */
    record Uniform(int min, int max) implements Lengths {
        public Uniform {
            if (min < 0 || max < min || max == Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        "uniform:" + min + ":" + max + " is no range: A must be 0 or more, B at least A");
            }
        }

        @Override
        public String toString() {
            return "uniform:" + min + ":" + max;
        }

        @Override
        public int draw(RandomGenerator random) {
            return random.nextInt(min, max + 1);
        }

        @Override
        public double mean() {
            return (min + (double) max) / 2;
        }
    }

    /**
     * Reads an option value.
     *
     * @throws IllegalArgumentException when it has none of the {@link #FORMS}
     */
    static Lengths parse(String text) {
        List<String> parts = List.of(text.split(":", -1));
        try {
            if (parts.get(0).equals("lognormal") && parts.size() == 4) {
                return new LogNormal(
                        Double.parseDouble(parts.get(1)),
                        Double.parseDouble(parts.get(2)),
                        Integer.parseInt(parts.get(3)));
            }
            if (parts.get(0).equals("fixed") && parts.size() == 2) {
                return new Fixed(Integer.parseInt(parts.get(1)));
            }
            if (parts.get(0).equals("uniform") && parts.size() == 3) {
                return new Uniform(Integer.parseInt(parts.get(1)), Integer.parseInt(parts.get(2)));
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("lengths '" + text + "' hold a wrong number: use " + FORMS, e);
        }
        throw new IllegalArgumentException("lengths '" + text + "' are not known: use " + FORMS);
    }

    private static String plain(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }
}
