package org.pagedattention.jobs.cli;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/** When the parts of this process's work began and ended, for {@code bench start}; some lie side by side. */
public final class Timeline {
    private static final List<Part> PARTS = new CopyOnWriteArrayList<>();

    private Timeline() {}

    /**
     * A part that is over.
     *
     * @param start milliseconds since the epoch
     * @param end the same
     */
    public record Part(String name, long start, long end) {}

    /** Does {@code work} as a part. */
    public static <T> T time(String name, Supplier<T> work) {
        long start = System.currentTimeMillis();
        try {
            return work.get();
        } finally {
            add(name, start, System.currentTimeMillis());
        }
    }

    public static void run(String name, Runnable work) {
        time(name, () -> {
            work.run();
            return name;
        });
    }

    public static void add(String name, long start, long end) {
        PARTS.add(new Part(name, start, end));
    }

    /** All parts so far. */
    public static List<Part> parts() {
        return List.copyOf(PARTS);
    }
}
