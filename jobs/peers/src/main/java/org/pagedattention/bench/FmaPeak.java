package org.pagedattention.bench;

import java.util.concurrent.atomic.DoubleAdder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** What the machine could do at best: multiply-adds that wait for nothing. */
final class FmaPeak {
    /** A constant, because the compiler turns vector code into instructions only for those. */
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

    private static final int CHAINS = 12;
    private static final int ITERATIONS = 4_000_000;
    private static final int ROUNDS = 8;

    private FmaPeak() {}

    /** Billions of floating point operations a second on {@code threads} threads together, the best of some rounds. */
    static double gflops(int threads) {
        double best = 0;
        DoubleAdder sink = new DoubleAdder();
        for (int round = 0; round < ROUNDS; round++) {
            Thread[] helpers = new Thread[threads - 1];
            long start = System.nanoTime();
            for (int i = 0; i < helpers.length; i++) {
                helpers[i] = new Thread(() -> sink.add(run(ITERATIONS)));
                helpers[i].start();
            }
            sink.add(run(ITERATIONS));
            for (Thread helper : helpers) {
                join(helper);
            }
            double operations = 2.0 * ITERATIONS * CHAINS * FLOATS.length() * threads;
            best = Math.max(best, operations / (System.nanoTime() - start));
        }
        // the sum is used, so that nothing it needs can be left out
        return Double.isNaN(sink.sum()) ? 0 : best;
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static float run(int iterations) {
        FloatVector a0 = FloatVector.broadcast(FLOATS, 0.1f);
        FloatVector a1 = a0.add(1);
        FloatVector a2 = a0.add(2);
        FloatVector a3 = a0.add(3);
        FloatVector a4 = a0.add(4);
        FloatVector a5 = a0.add(5);
        FloatVector a6 = a0.add(6);
        FloatVector a7 = a0.add(7);
        FloatVector a8 = a0.add(8);
        FloatVector a9 = a0.add(9);
        FloatVector a10 = a0.add(10);
        FloatVector a11 = a0.add(11);
        FloatVector x = FloatVector.broadcast(FLOATS, 0.999f);
        FloatVector y = FloatVector.broadcast(FLOATS, 0.0001f);
        for (int i = 0; i < iterations; i++) {
            a0 = a0.fma(x, y);
            a1 = a1.fma(x, y);
            a2 = a2.fma(x, y);
            a3 = a3.fma(x, y);
            a4 = a4.fma(x, y);
            a5 = a5.fma(x, y);
            a6 = a6.fma(x, y);
            a7 = a7.fma(x, y);
            a8 = a8.fma(x, y);
            a9 = a9.fma(x, y);
            a10 = a10.fma(x, y);
            a11 = a11.fma(x, y);
        }
        FloatVector low = a0.add(a1).add(a2).add(a3).add(a4).add(a5);
        FloatVector high = a6.add(a7).add(a8).add(a9).add(a10).add(a11);
        return low.add(high).reduceLanes(VectorOperators.ADD);
    }
}
