package org.pagedattention.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pagedattention.tensor.Tolerance;

/**
 * Lets contenders compute one problem in turns, so that whatever else the machine does befalls all alike. Results are
 * compared before any time counts.
 */
final class Race {
    private static final int LEAST_ROUNDS = 3;
    private static final int MOST_ROUNDS = 15;
    private static final int HOPELESS = 3;

    private final Problem problem;
    private final long roundsNanos;

    Race(Problem problem, long roundsNanos) {
        this.problem = problem;
        this.roundsNanos = roundsNanos;
    }

    /** One comparison for each peer, with the use of it that was fastest. */
    List<Comparison> run(Ours ours, List<Contender> peers) {
        warmUp(ours);
        List<Contender> all = new ArrayList<>();
        List<Double> differences = new ArrayList<>();
        Map<String, Long> fastestFirst = new HashMap<>();
        for (Contender peer : peers) {
            long nanos = peer.runNanos();
            double difference = compare(ours, peer);
            // a use that is hopeless at first stays out: rounds of it would take minutes
            if (nanos < HOPELESS * fastestFirst.getOrDefault(peer.name(), Long.MAX_VALUE / HOPELESS)) {
                fastestFirst.merge(peer.name(), nanos, Math::min);
                all.add(peer);
                differences.add(difference);
            }
        }
        List<Contender> runners = List.copyOf(all);
        all.add(ours);
        double[] medians = medians(all);
        double oursMillis = medians[runners.size()];
        List<Comparison> best = new ArrayList<>();
        for (String name : runners.stream().map(Contender::name).distinct().toList()) {
            int fastest = -1;
            for (int i = 0; i < runners.size(); i++) {
                if (runners.get(i).name().equals(name) && (fastest < 0 || medians[i] < medians[fastest])) {
                    fastest = i;
                }
            }
            String use = runners.get(fastest).use();
            best.add(
                    new Comparison(problem.shape(), name, use, medians[fastest], oursMillis, differences.get(fastest)));
        }
        return best;
    }

    /** The compiler takes seconds to reach the final code; native libraries need one run. */
    private void warmUp(Contender contender) {
        long end = System.nanoTime() + roundsNanos / 2;
        do {
            contender.runNanos();
        } while (System.nanoTime() < end);
    }

    private double[] medians(List<Contender> contenders) {
        List<double[]> rounds = new ArrayList<>();
        long end = System.nanoTime() + roundsNanos;
        while (rounds.size() < LEAST_ROUNDS || (rounds.size() < MOST_ROUNDS && System.nanoTime() < end)) {
            rounds.add(contenders.stream()
                    .mapToDouble(contender -> contender.runNanos() / 1e6)
                    .toArray());
        }
        double[] medians = new double[contenders.size()];
        for (int i = 0; i < medians.length; i++) {
            int contender = i;
            double[] sorted = rounds.stream()
                    .mapToDouble(round -> round[contender])
                    .sorted()
                    .toArray();
            medians[i] = (sorted[sorted.length / 2] + sorted[(sorted.length - 1) / 2]) / 2;
        }
        return medians;
    }

    private double compare(Contender ours, Contender peer) {
        Tolerance tolerance = Tolerance.of(problem.spec().type());
        double largest = 0;
        for (int i = 0; i < problem.sequences(); i++) {
            float[] a = ours.output(i);
            float[] b = peer.output(i);
            if (a.length != b.length) {
                throw new IllegalStateException(
                        "sequence " + i + " has " + a.length + " and " + b.length + " elements");
            }
            for (int e = 0; e < a.length; e++) {
                // both sides are off by rounding
                if (!(Math.abs(a[e] - b[e]) <= 2 * tolerance.atol() + 2 * tolerance.rtol() * Math.abs(b[e]))) {
                    throw new IllegalStateException(problem.shape().name() + ": element " + e + " of sequence " + i
                            + " is " + a[e] + " for us and " + b[e] + " for " + peer.name() + " " + peer.use()
                            + "; all: " + Arrays.asList(problem.shape().spec()));
                }
                largest = Math.max(largest, Math.abs(a[e] - b[e]));
            }
        }
        return largest;
    }
}
