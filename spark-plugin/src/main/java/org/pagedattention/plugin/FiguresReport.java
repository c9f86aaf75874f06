package org.pagedattention.plugin;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.pagedattention.executor.ExecutorMetrics;
import org.pagedattention.executor.ExecutorModels;
import org.pagedattention.executor.Figure;

/** This executor's figures: as Spark metrics, and for the driver. */
final class FiguresReport {
    /** In local mode one JVM may serve several applications, one after another. */
    private final Map<Figure, Long> atStart = ExecutorMetrics.snapshot();

    private EnumMap<Figure, Long> sent = sinceStart();

    void publish(MetricRegistry metrics) {
        for (Figure figure : Figure.values()) {
            Gauge<Long> gauge = () -> sinceStart().getOrDefault(figure, 0L);
            metrics.register(figure.metric(), gauge);
        }
        // these rise and fall; all of one JVM share its models, whatever their application
        register(metrics, "models", ExecutorModels::count);
        register(metrics, "modelWeightBytes", ExecutorModels::weightBytes);
        register(metrics, "modelKeptBytes", ExecutorModels::keptBytes);
    }

    private static void register(MetricRegistry metrics, String name, LongSupplier level) {
        Gauge<Long> gauge = level::getAsLong;
        metrics.register(name, gauge);
    }

    /** Sends the figures, if a task changed them: other tasks of the application are none of ours. */
    synchronized void sendTo(DriverLink driver, String executorId) {
        EnumMap<Figure, Long> now = sinceStart();
        if (!now.equals(sent)) {
            sent = now;
            driver.send(new ExecutorFigures(executorId, now));
        }
    }

    private EnumMap<Figure, Long> sinceStart() {
        EnumMap<Figure, Long> figures = new EnumMap<>(ExecutorMetrics.snapshot());
        figures.replaceAll((figure, count) -> count - atStart.getOrDefault(figure, 0L));
        return figures;
    }
}
