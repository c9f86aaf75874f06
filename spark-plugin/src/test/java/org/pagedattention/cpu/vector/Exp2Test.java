package org.pagedattention.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class Exp2Test {

    @Test
    void isWithinItsErrorBound() {
        double worst = 0;
        // every float from -125 to 0 whose last ten bits are zeros, then a closer look around the ends of the
        // polynomial
        for (int bits = 0x80000000; Float.intBitsToFloat(bits) >= -125; bits += 1 << 10) {
            worst = Math.max(worst, worstError(Float.intBitsToFloat(bits), 1));
        }
        for (float centre : new float[] {-0.5f, -1.5f, -7.5f, -64.5f, -124.5f}) {
            worst = Math.max(worst, worstError(centre, 1000));
        }
        assertThat(worst).isLessThan(1.5e-7);
    }

    @Test
    void isExactForWholeExponents() {
        for (int n = 0; n <= 126; n++) {
            assertThat(exp2(-n)[0]).isEqualTo((float) Math.pow(2, -n));
        }
    }

    @Test
    void endsInZero() {
        for (float x : new float[] {-127, -127.25f, -500, -Float.MAX_VALUE, Float.NEGATIVE_INFINITY}) {
            assertThat(exp2(x)[0]).isEqualTo(0f);
        }
        float[] tiny = exp2(-126.9f);
        assertThat(tiny[0]).isBetween(0f, 0x1p-126f);
    }

    @Test
    void replacesColumns() {
        float[] rows = new float[3 * Lanes.PAIR];
        Arrays.fill(rows, -3);
        float[] maxima = new float[Lanes.PAIR];
        Arrays.fill(maxima, -1);
        Exp2.replace(rows, Lanes.COUNT, Lanes.PAIR, 2, maxima, Lanes.COUNT);
        for (int i = 0; i < rows.length; i++) {
            boolean replaced = i < 2 * Lanes.PAIR && i % Lanes.PAIR >= Lanes.COUNT;
            assertThat(rows[i]).as("element %d", i).isEqualTo(replaced ? 0.25f : -3);
        }
    }

    private static double worstError(float from, int floats) {
        double worst = 0;
        float x = from;
        for (int i = 0; i < floats; i++) {
            double expected = Math.pow(2, x);
            worst = Math.max(worst, Math.abs(exp2(x)[0] - expected) / expected);
            x = Math.nextDown(x);
        }
        return worst;
    }

    private static float[] exp2(float x) {
        float[] vector = new float[Lanes.COUNT];
        Arrays.fill(vector, x);
        Exp2.replace(vector, 0, Lanes.COUNT, 1, new float[Lanes.COUNT], 0);
        return vector;
    }
}
