package org.pagedattention.executor;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.pagedattention.backend.BackendMetrics;

/** The figures of this JVM, over all its tasks and backends, since it started. */
public final class ExecutorMetrics {
    private static final Map<Figure, LongAdder> COUNTED = adders();

    private ExecutorMetrics() {}

    /** All figures as they are now. */
    public static Map<Figure, Long> snapshot() {
        Map<Figure, Long> figures = new EnumMap<>(Figure.class);
        COUNTED.forEach((figure, adder) -> figures.put(figure, adder.sum()));
        BackendMetrics backends = ExecutorBackends.metrics();
        figures.put(Figure.PLAN_HITS, backends.planHits());
        figures.put(Figure.PLAN_MISSES, backends.planMisses());
        figures.put(Figure.PLANS_RESTORED, backends.plansRestored());
        figures.put(Figure.BYTES_COPIED, backends.bytesCopied());
        figures.put(Figure.BYTES_TO_DEVICE, backends.bytesToDevice());
        figures.put(Figure.MODELS_LOADED, ExecutorModels.loads());
        figures.put(Figure.GPU_NANOS, backends.deviceNanos());
        return figures;
    }

    /** Adds to a figure that backends do not count. */
    public static void add(Figure figure, long count) {
        LongAdder adder = COUNTED.get(figure);
        if (adder == null) {
            throw new IllegalArgumentException(figure + " is counted by backends");
        }
        adder.add(count);
    }

    /** Adds what some work did. */
    public static void add(Tally tally) {
        tally.figures().forEach(ExecutorMetrics::add);
    }

    private static Map<Figure, LongAdder> adders() {
        Map<Figure, LongAdder> adders = new EnumMap<>(Figure.class);
        for (Figure figure : Figure.values()) {
            if (figure.countedByTasks()) {
                adders.put(figure, new LongAdder());
            }
        }
        return adders;
    }
}
