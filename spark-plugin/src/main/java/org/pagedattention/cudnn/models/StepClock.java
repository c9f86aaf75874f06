package org.pagedattention.cudnn.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.pagedattention.gpu.GpuEvent;
import org.pagedattention.gpu.GpuStream;

/** How long the device spends on each kind of step, of steps that follow each other on one stream. */
final class StepClock implements AutoCloseable {
    private final GpuStream stream;
    private final List<String> kinds = new ArrayList<>();
    private final List<GpuEvent> events = new ArrayList<>();

    StepClock(GpuStream stream) {
        this.stream = stream;
    }

    /** To be called before the first step. */
    void begin() {
        record();
    }

    /** To be called when a step was enqueued. */
    void after(String kind) {
        kinds.add(kind);
        record();
    }

    private void record() {
        GpuEvent event = GpuEvent.forTiming();
        events.add(event);
        event.record(stream);
    }

    /** Waits for the last step. */
    Map<String, Double> millis() {
        events.get(events.size() - 1).synchronize();
        Map<String, Double> millis = new TreeMap<>();
        for (int i = 0; i < kinds.size(); i++) {
            millis.merge(kinds.get(i), (double) events.get(i + 1).millisSince(events.get(i)), Double::sum);
        }
        return millis;
    }

    @Override
    public void close() {
        events.forEach(GpuEvent::close);
    }
}
