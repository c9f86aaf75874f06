package org.pagedattention.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.cpu.CpuAttention;
import org.pagedattention.cpu.CpuBackendProvider;
import org.pagedattention.jobs.bench.CpuBenchmark;
import org.pagedattention.tensor.ElementType;

/** Prints one JSON line per shape and peer, then a table. */
public final class PeerBenchmark {
    private final Options options;

    private PeerBenchmark(Options options) {
        this.options = options;
    }

    public static void main(String[] arguments) {
        try {
            new PeerBenchmark(Options.parse(arguments)).run();
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(Options.USAGE);
            System.exit(2);
        }
    }

    private void run() {
        BackendSettings settings =
                BackendSettings.defaults().withThreads(options.threads()).withKernel("vector");
        System.err.println(new CpuBackendProvider().describe(settings));
        List<Comparison> comparisons = new ArrayList<>();
        double peak = FmaPeak.gflops(options.threads());
        try (CpuAttention backend = new CpuAttention(settings)) {
            for (ElementType type : List.of(ElementType.FP32, ElementType.BF16, ElementType.FP16)) {
                for (CpuBenchmark.Shape shape : Shapes.of(type)) {
                    if (options.wants(shape)) {
                        comparisons.addAll(race(backend, shape));
                    }
                }
            }
        }
        peak = Math.max(peak, FmaPeak.gflops(options.threads()));
        System.out.println();
        System.out.println(Comparison.header());
        comparisons.forEach(comparison -> System.out.println(comparison.row()));
        double best = comparisons.stream().mapToDouble(Comparison::gflops).max().orElse(0);
        System.out.printf(
                Locale.ROOT,
                "%nFMA peak of %d threads: %.0f GFLOP/s; the best shape reaches %.0f%% of it%n",
                options.threads(),
                peak,
                100 * best / peak);
    }

    private List<Comparison> race(CpuAttention backend, CpuBenchmark.Shape shape) {
        Problem problem = Problem.random(shape);
        List<Contender> peers = new ArrayList<>();
        try (Ours ours = new Ours(backend, problem, options.clock())) {
            boolean fp32 = shape.spec().type() == ElementType.FP32;
            if (problem.isRagged()) {
                peers.add(new TorchSdpa(problem, false, options));
            }
            // in 16 bits PyTorch takes minutes for the padding alone
            if (fp32 || !problem.isRagged()) {
                peers.add(new TorchSdpa(problem, true, options));
            }
            if (fp32 && problem.isRagged()) {
                peers.add(new OnnxAttention(problem, false, options));
            }
            if (fp32) {
                peers.add(new OnnxAttention(problem, true, options));
            }
            List<Comparison> comparisons = new Race(problem, options.nanos()).run(ours, peers);
            comparisons.forEach(comparison -> System.out.println(comparison.json()));
            return comparisons;
        } finally {
            peers.forEach(Contender::close);
        }
    }
}
