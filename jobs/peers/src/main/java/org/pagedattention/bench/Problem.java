package org.pagedattention.bench;

import java.util.List;
import java.util.Random;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.jobs.bench.CpuBenchmark;
import org.pagedattention.paging.SequenceLengths;

/** Random inputs of one shape, per sequence and token-major, already rounded to the shape's element type. */
record Problem(CpuBenchmark.Shape shape, float[][] q, float[][] k, float[][] v) {

    static Problem random(CpuBenchmark.Shape shape) {
        Random random = new Random(1);
        int n = shape.lengths().size();
        AttentionSpec spec = shape.spec();
        Problem problem = new Problem(shape, new float[n][], new float[n][], new float[n][]);
        for (int i = 0; i < n; i++) {
            SequenceLengths lengths = shape.lengths().get(i);
            problem.q[i] = problem.gaussians(random, lengths.queryTokens() * spec.queryElements());
            problem.k[i] = problem.gaussians(random, lengths.kvTokens() * spec.keyElements());
            problem.v[i] = problem.gaussians(random, lengths.kvTokens() * spec.valueElements());
        }
        return problem;
    }

    AttentionSpec spec() {
        return shape.spec();
    }

    int sequences() {
        return shape.lengths().size();
    }

    /** Tokens of a sequence: here queries and keys are equally many. */
    int tokens(int sequence) {
        return shape.lengths().get(sequence).kvTokens();
    }

    int longest() {
        return shape.lengths().stream()
                .mapToInt(SequenceLengths::kvTokens)
                .max()
                .orElse(0);
    }

    boolean isRagged() {
        return shape.lengths().stream().distinct().count() > 1;
    }

    List<SequenceLengths> lengths() {
        return shape.lengths();
    }

    private float[] gaussians(Random random, int count) {
        // a prime number of random values over and over: drawing hundreds of millions takes minutes
        float[] period = new float[65521];
        for (int i = 0; i < Math.min(count, period.length); i++) {
            period[i] = spec().type().round((float) random.nextGaussian());
        }
        float[] values = new float[count];
        for (int i = 0; i < count; i += period.length) {
            System.arraycopy(period, 0, values, i, Math.min(period.length, count - i));
        }
        return values;
    }
}
