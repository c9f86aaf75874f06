package org.pagedattention.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrincipalTest {

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 50, 384})
    void findsTheDirectionsInWhichVectorsDifferMost(int dimension) {
        Random random = new Random(dimension);
        float[][] vectors = new float[500][dimension];
        double[] first = new double[500];
        for (int row = 0; row < 500; row++) {
            first[row] = 10 * random.nextGaussian();
            double second = 3 * random.nextGaussian();
            for (int i = 0; i < dimension; i++) {
                vectors[row][i] = (float) (100 + 0.01 * random.nextGaussian());
            }
            vectors[row][dimension - 1] += first[row];
            vectors[row][0] += second;
        }
        Principal plane = Principal.of(vectors, 1);
        assertThat(plane.explained()).isGreaterThan(0.99);
        double mean = java.util.Arrays.stream(first).average().orElseThrow();
        for (int row = 0; row < 500; row++) {
            assertThat(Math.abs(plane.places()[row][0])).isCloseTo(Math.abs(first[row] - mean), within(1.5));
        }
        assertThat(Principal.of(vectors, 1).places()).isDeepEqualTo(plane.places());
    }

    @Test
    void placesVectorsThatDoNotDifferAtOnePoint() {
        Principal plane = Principal.of(new float[][] {{1, 2, 3}, {1, 2, 3}, {1, 2, 3}}, 1);
        assertThat(plane.places()).isDeepEqualTo(new double[3][2]);
        assertThat(plane.explained()).isEqualTo(1);
    }

    @Test
    void takesVectorsOfOneNumber() {
        Principal plane = Principal.of(new float[][] {{1}, {2}, {6}}, 1);
        assertThat(plane.places()[2][0] - plane.places()[0][0]).isCloseTo(5, within(1e-5));
        assertThat(plane.places()[2][1]).isZero();
    }
}
