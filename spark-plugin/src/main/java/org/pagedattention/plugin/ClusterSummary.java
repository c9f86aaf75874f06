package org.pagedattention.plugin;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import org.pagedattention.executor.Figure;

/**
 * What the executors of an application did and what went wrong with them.
 *
 * @param executors those that run
 * @param figures what each executor counted, by its id, the lost ones included
 * @param problems executors that did not start, and GPUs that were lost, one sentence each
 */
public record ClusterSummary(
        List<ExecutorReport> executors, Map<String, Map<Figure, Long>> figures, List<String> problems) {

    /** A figure over all executors. */
    public long total(Figure figure) {
        return figures.values().stream()
                .mapToLong(counted -> counted.getOrDefault(figure, 0L))
                .sum();
    }

    /** Lines for people: one for each executor, then the totals, then the problems. */
    public String text() {
        StringJoiner text = new StringJoiner("\n");
        for (ExecutorReport executor : executors) {
            Map<Figure, Long> counted = figures.getOrDefault(executor.executorId(), new EnumMap<>(Figure.class));
            text.add(executor + "; " + counted.getOrDefault(Figure.SEQUENCES, 0L) + " sequences");
        }
        text.add(String.format(
                Locale.ROOT,
                "%,d sequences in %,d batches, %,d query and %,d KV tokens, %.2f%% of page slots unused",
                total(Figure.SEQUENCES),
                total(Figure.BATCHES),
                total(Figure.QUERY_TOKENS),
                total(Figure.KV_TOKENS),
                100 * waste()));
        text.add(String.format(
                Locale.ROOT,
                "%,d bad rows, %,d retries, %,d splits, plans %,d found, %,d built and %,d restored, %,d bytes copied,"
                        + " GPU %.1f s, tasks %.1f s in attention or models",
                total(Figure.BAD_ROWS),
                total(Figure.RETRIES),
                total(Figure.SPLITS),
                total(Figure.PLAN_HITS),
                total(Figure.PLAN_MISSES) - total(Figure.PLANS_RESTORED),
                total(Figure.PLANS_RESTORED),
                total(Figure.BYTES_COPIED),
                total(Figure.GPU_NANOS) / 1e9,
                total(Figure.ATTENTION_NANOS) / 1e9));
        problems.forEach(text::add);
        return text.toString();
    }

    private double waste() {
        double wasted = total(Figure.WASTED_SLOTS);
        double slots = wasted + total(Figure.KV_TOKENS);
        return slots == 0 ? 0 : wasted / slots;
    }
}
