package org.pagedattention.cudnn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.pagedattention.attention.AttentionProblem;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.cudnn.device.SharedDevice;
import org.pagedattention.cudnn.graph.PlanCache;
import org.pagedattention.device.GpuLimits;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;

/**
 * Prints what of a sequence's result depends on the batch that it is computed in: the same sequences run alone, in
 * pairs, in eights, all together and shuffled, through plans as batches choose them and through fixed ones, and every
 * result is compared with the first, bit for bit.
 */
final class CompositionCheck {
    private static final List<Integer> SIZES = List.of(1, 2, 8, 64);

    /** How a batch finds its graph. */
    private interface Choice {
        SdpaShape shape(AttentionSpec spec, PagedBatch pages, ActiveSequences active);
    }

    /** Sequences to compute. */
    private record Trial(String name, AttentionSpec spec, List<SequenceLengths> lengths) {
        @Override
        public String toString() {
            return spec.type() + " " + spec.queryHeads() + "x" + spec.kvHeads() + "x" + spec.headDim() + " "
                    + spec.mask().band() + (spec.mask().window() > 0 ? " window" : "") + " " + name;
        }
    }

    private final SharedDevice device;
    private final Trial trial;
    private final AttentionProblem problem;
    private final StringBuilder report = new StringBuilder();

    private CompositionCheck(SharedDevice device, Trial trial) {
        this.device = device;
        this.trial = trial;
        problem = new AttentionProblem(trial.spec(), PagedBatch.plan(PageLayout.PACKED, 64, trial.lengths()), 7);
    }

    public static void main(String[] args) {
        try (AttentionBackend backend = new CudnnBackendProvider().create(BackendSettings.defaults())) {
            SharedDevice device = SharedDevice.acquire(0, GpuLimits.defaults());
            System.out.println("cuDNN " + device.version() + ", " + device.gpu() + ", " + backend.name());
            trials().parallel().forEach(trial -> System.out.print(new CompositionCheck(device, trial).measure()));
            device.release();
        }
    }

    private static Stream<Trial> trials() {
        List<Mask> masks = List.of(
                Mask.causal(),
                Mask.causalBottomRight(),
                Mask.none(),
                Mask.causal().withWindow(100));
        List<Trial> trials = new ArrayList<>();
        for (Mask mask : masks) {
            for (AttentionSpec spec : List.of(
                    new AttentionSpec(4, 2, 64, 64, ElementType.FP16, mask, 0.125f),
                    new AttentionSpec(4, 1, 128, 128, ElementType.BF16, mask, 0.09f))) {
                trials.add(new Trial("prefill", spec, lengths(false, false)));
                trials.add(new Trial("mixed", spec, lengths(true, false)));
                trials.add(new Trial("decode", spec, lengths(false, true)));
            }
        }
        return trials.stream();
    }

    private static List<SequenceLengths> lengths(boolean mixed, boolean decode) {
        Random random = new Random(3);
        int[] tokens = IntStream.concat(
                        IntStream.of(1, 2, 5, 63, 64, 65, 127, 128, 129, 255, 256, 257, 511, 512, 513, 1024),
                        random.ints(15, 1, 600))
                .toArray();
        return IntStream.of(tokens)
                .mapToObj(n -> new SequenceLengths(decode || (mixed && n % 3 == 0) ? 1 : n, decode ? 3 * n : n))
                .toList();
    }

    private String measure() {
        report.append(trial).append('\n');
        ShapeBuckets buckets = ShapeBuckets.of(device);
        Choice asTheyAre = (spec, pages, active) -> buckets.shape(spec, pages, active, true);
        compare("as they are", asTheyAre, false);
        Choice steady = (spec, pages, active) -> buckets.steady(spec, pages, active, true);
        compare("deterministic", steady, true);
        return report.toString();
    }

    /** Runs every composition and compares each sequence's result with its first one. */
    private void compare(String name, Choice choice, boolean general) {
        AttentionProblem.Outcome[] first =
                new AttentionProblem.Outcome[trial.lengths().size()];
        Map<String, TreeSet<Integer>> differing = new LinkedHashMap<>();
        TreeSet<Integer> all = new TreeSet<>();
        TreeSet<String> shapes = new TreeSet<>();
        double[] worst = new double[3];
        try {
            for (int size : SIZES) {
                for (List<Integer> group : groups(size)) {
                    AttentionProblem some = problem.of(group, PageLayout.PACKED, 64);
                    AttentionProblem.Outcome outcome = run(some, choice, general, shapes);
                    for (int i = 0; i < group.size(); i++) {
                        int sequence = group.get(i);
                        AttentionProblem.Outcome one = new AttentionProblem.Outcome(
                                new float[][] {outcome.o()[i]}, new float[][] {outcome.lse()[i]});
                        if (first[sequence] == null) {
                            first[sequence] = one;
                        } else if (differs(first[sequence], one, worst)) {
                            all.add(sequence);
                            differing
                                    .computeIfAbsent("by " + size, key -> new TreeSet<>())
                                    .add(sequence);
                        }
                    }
                }
            }
        } catch (RuntimeException e) {
            report.append("  ").append(name).append(": ").append(e.getMessage()).append('\n');
            return;
        }
        report.append(String.format(
                "  %-22s %d plans; %d of %d sequences differ%s%n",
                name,
                shapes.size(),
                all.size(),
                first.length,
                all.isEmpty()
                        ? ""
                        : String.format(
                                ", at most %.0f ulps of o (%.2g), %.0f of lse; %s %s",
                                worst[0], worst[2], worst[1], differing, shapes)));
    }

    private List<List<Integer>> groups(int size) {
        List<Integer> order = new ArrayList<>(
                IntStream.range(0, trial.lengths().size()).boxed().toList());
        List<List<Integer>> groups = new ArrayList<>(cut(order, size));
        if (size > 1) {
            groups.addAll(cut(order, size));
            Collections.shuffle(order, new Random(size));
            groups.addAll(cut(order, size));
        }
        return groups;
    }

    private static List<List<Integer>> cut(List<Integer> order, int size) {
        List<List<Integer>> groups = new ArrayList<>();
        for (int i = 0; i < order.size(); i += size) {
            groups.add(List.copyOf(order.subList(i, Math.min(order.size(), i + size))));
        }
        return groups;
    }

    private AttentionProblem.Outcome run(
            AttentionProblem some, Choice choice, boolean general, TreeSet<String> shapes) {
        device.bind();
        AttentionSpec spec = trial.spec();
        PagedBatch pages = some.pages();
        ActiveSequences active = ActiveSequences.of(pages, spec.mask(), general);
        SdpaShape shape = choice.shape(spec, pages, active);
        shapes.add(shape.slots() + "x" + shape.maxQuery() + "/" + shape.maxKv() + (shape.ragged() ? "" : " rectangle"));
        PlanCache.Planned<SdpaShape> planned = SdpaPlans.of(device).plan(shape, HeadDims.candidates(spec));
        LaunchPlan plan = LaunchPlan.copying(spec, pages, List.of(new SlotGraph(planned, active)));
        HostOutputs outputs = HostOutputs.take(device.pinned(), spec, pages.queryTokens(), true);
        try (HostInputs inputs = HostInputs.take(device.pinned(), spec, pages.queryTokens(), pages.containerTokens());
                CudnnBatch batch = new CudnnBatch(device, spec, pages, plan, inputs, outputs, null)) {
            some.fill(batch);
            batch.start();
            return some.read(batch.await());
        }
    }

    private boolean differs(AttentionProblem.Outcome expected, AttentionProblem.Outcome actual, double[] worst) {
        float[] o = expected.o()[0];
        float[] lse = expected.lse()[0];
        boolean same = Arrays.equals(o, actual.o()[0]) && Arrays.equals(lse, actual.lse()[0]);
        if (!same) {
            double unit = trial.spec().type() == ElementType.FP16 ? 1 << 13 : 1 << 16;
            worst[0] = Math.max(worst[0], ulps(o, actual.o()[0], unit));
            float[] other = actual.o()[0];
            worst[2] = IntStream.range(0, o.length)
                    .mapToDouble(i -> Math.abs(o[i] - other[i]))
                    .reduce(worst[2], Math::max);
            worst[1] = Math.max(worst[1], ulps(lse, actual.lse()[0], 1));
        }
        return !same;
    }

    private static double ulps(float[] expected, float[] actual, double unit) {
        return IntStream.range(0, expected.length)
                .filter(i -> expected[i] != actual[i])
                .mapToDouble(i -> Math.abs(expected[i] - actual[i])
                        / (Math.ulp(Math.max(Math.abs(expected[i]), Math.abs(actual[i]))) * unit))
                .max()
                .orElse(0);
    }
}
