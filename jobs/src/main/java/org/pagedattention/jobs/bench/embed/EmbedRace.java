package org.pagedattention.jobs.bench.embed;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.pagedattention.inference.Embedder;

/**
 * Lets several sides embed the same texts: compares their vectors, then times them.
 *
 * @param tokens of a run, about
 * @param runs that are enough, of those during which nobody else used the machine
 * @param seconds for one side, but for its last run
 * @param warmUp seconds for the first side, because the compiler takes seconds to reach its final code
 */
public record EmbedRace(int tokens, int runs, double seconds, double warmUp, PrintWriter out) {
    private static final long SEED = 11;
    /** Two ways of one model in fp32: what differs more is another model. */
    private static final float MOST_DIFFERENCE = 1e-5f;

    /**
     * Prints a JSON line for each side, then a table.
     *
     * @param mean of the texts' lengths, in tokens
     * @param sides ours first
     * @param own how many of them are ours
     * @throws IllegalStateException when the vectors of two sides differ
     */
    public void run(int mean, Embedder embedder, List<Side> sides, int own) {
        List<String> texts = Corpus.texts(Math.max(1, tokens / mean), mean, embedder.longest(), SEED);
        long real = texts.stream()
                .mapToLong(text -> embedder.prepare(text, null).tokens().length())
                .sum();
        List<float[]> expected = warmUp(sides.get(0), texts);
        List<Timing> timings = new ArrayList<>();
        for (Side side : sides) {
            float difference = difference(expected, side.embed(texts));
            if (!(difference <= MOST_DIFFERENCE)) {
                throw new IllegalStateException(
                        "vectors of " + side.name() + ", " + side.use() + ", differ from ours by " + difference);
            }
            timings.add(Timing.of(() -> side.embed(texts), runs, seconds));
            print(mean, texts.size(), real, side, timings, difference);
        }
        table(mean, real, sides, timings, own);
    }

    private List<float[]> warmUp(Side side, List<String> texts) {
        long end = System.nanoTime() + (long) (warmUp * 1e9);
        List<float[]> vectors;
        do {
            vectors = side.embed(texts);
        } while (System.nanoTime() < end);
        return vectors;
    }

    private void print(int mean, int texts, long real, Side side, List<Timing> timings, float difference) {
        Timing timing = timings.get(timings.size() - 1);
        out.printf(
                Locale.ROOT,
                "{\"bench\": \"embed\", \"mean\": %d, \"side\": \"%s\", \"use\": \"%s\", \"texts\": %d,"
                        + " \"tokens_per_second\": %.0f, \"texts_per_second\": %.1f, \"ours_is_faster\": %.2f,"
                        + " \"difference\": %.1e, \"runs\": \"%s\"}%n",
                mean,
                side.name(),
                side.use(),
                texts,
                real / timing.seconds(),
                texts / timing.seconds(),
                timing.seconds() / timings.get(0).seconds(),
                difference,
                timing);
    }

    private void table(int mean, long real, List<Side> sides, List<Timing> timings, int own) {
        out.printf("%nmean of %d tokens: tokens/s, and ours over theirs%n", mean);
        double ours =
                timings.stream().limit(own).mapToDouble(Timing::seconds).min().orElseThrow();
        double best = Double.POSITIVE_INFINITY;
        for (int i = 0; i < sides.size(); i++) {
            double taken = timings.get(i).seconds();
            best = i < own ? best : Math.min(best, taken);
            out.printf(
                    Locale.ROOT,
                    "  %8.0f  x%.2f  %s, %s (%s)%n",
                    real / taken,
                    taken / ours,
                    sides.get(i).name(),
                    sides.get(i).use(),
                    timings.get(i));
        }
        if (own < sides.size()) {
            out.printf(Locale.ROOT, "  ours is x%.2f of the best of the others%n", best / ours);
        }
        out.println();
        out.flush();
    }

    private static float difference(List<float[]> a, List<float[]> b) {
        float largest = 0;
        for (int i = 0; i < a.size(); i++) {
            for (int j = 0; j < a.get(i).length; j++) {
                float difference = Math.abs(a.get(i)[j] - b.get(i)[j]);
                // a NaN must not get lost
                largest = difference <= largest ? largest : difference;
            }
        }
        return largest;
    }
}
