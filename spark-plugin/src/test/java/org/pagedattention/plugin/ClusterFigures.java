package org.pagedattention.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.pagedattention.executor.Figure;

/** What the driver knows of a cluster's executors. */
final class ClusterFigures {
    private static final Duration PATIENCE = Duration.ofSeconds(100);

    private ClusterFigures() {}

    static long sequencesOf(ClusterSummary summary, ExecutorReport executor) {
        return summary.figures().getOrDefault(executor.executorId(), Map.of()).getOrDefault(Figure.SEQUENCES, 0L);
    }

    static List<ExecutorReport> bothExecutors() {
        return eventually(now -> now.executors().size() == 2).executors();
    }

    static ClusterSummary summary() {
        return PagedAttentionPlugin.summary().orElseThrow();
    }

    /** Executors report when they can. */
    static ClusterSummary eventually(Predicate<ClusterSummary> wanted) {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (true) {
            ClusterSummary now = summary();
            if (wanted.test(now)) {
                return now;
            }
            assertThat(Instant.now()).as(now.text()).isBefore(deadline);
            sleep();
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
