package org.pagedattention.bench;

import java.util.Locale;
import org.pagedattention.jobs.bench.CpuBenchmark;

/**
 * Median times of one shape.
 *
 * @param use how the peer was fastest
 * @param maxAbsDifference of any output element, ours against the peer's
 */
record Comparison(
        CpuBenchmark.Shape shape,
        String peer,
        String use,
        double peerMillis,
        double oursMillis,
        double maxAbsDifference) {

    double ratio() {
        return peerMillis / oursMillis;
    }

    double gflops() {
        return shape.flops() / oursMillis / 1e6;
    }

    String json() {
        return String.format(
                Locale.ROOT,
                "{\"shape\": \"%s\", \"dtype\": \"%s\", \"mask\": \"%s\", \"peer\": \"%s\", \"peerMillis\": %.3f,"
                        + " \"oursMillis\": %.3f, \"ratio\": %.2f, \"maxAbsDifference\": %.3g}",
                shape.name(),
                shape.spec().type(),
                mask(),
                peer,
                peerMillis,
                oursMillis,
                ratio(),
                maxAbsDifference);
    }

    static String header() {
        return String.format(
                Locale.ROOT,
                "%-30s %-5s %-7s %-12s %-13s %10s %10s %6s %9s",
                "shape",
                "dtype",
                "mask",
                "peer",
                "used",
                "peer ms",
                "ours ms",
                "ratio",
                "GFLOP/s");
    }

    String row() {
        return String.format(
                Locale.ROOT,
                "%-30s %-5s %-7s %-12s %-13s %10.2f %10.2f %6.2f %9.0f",
                shape.name(),
                shape.spec().type(),
                mask(),
                peer,
                use,
                peerMillis,
                oursMillis,
                ratio(),
                gflops());
    }

    private String mask() {
        return shape.spec().mask().band().name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
