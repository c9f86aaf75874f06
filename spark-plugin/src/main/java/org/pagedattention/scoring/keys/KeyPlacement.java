package org.pagedattention.scoring.keys;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.util.sketch.BloomFilter;

/**
 * Which task has the rows of a key. A key with many rows is cut into pieces, so that tasks get about as many rows each; what
 * belongs to the key goes once to each task that has a piece. Safe for any thread.
 */
public final class KeyPlacement implements Serializable {
    private static final long serialVersionUID = 1;

    /** Groups of infrequent keys a task, so that they fill up what frequent keys leave. */
    private static final int GROUPS_A_TASK = 16;

    private final int tasks;
    private final int[] groups;
    private final Map<Long, int[]> pieces;
    private final BloomFilter known;

    private KeyPlacement(int tasks, int[] groups, Map<Long, int[]> pieces, BloomFilter known) {
        this.tasks = tasks;
        this.groups = groups;
        this.pieces = pieces;
        this.known = known;
    }

    /**
     * Counts rows, and spreads them over tasks.
     *
     * @param counts one row a key: the hash of the key (BIGINT), and how many rows have it (BIGINT)
     * @param mostTasks tasks to use, where there are as many rows
     */
    public static KeyPlacement of(JavaRDD<InternalRow> counts, int mostTasks) {
        KeyCounts.Total total = KeyCounts.total(counts);
        int tasks = (int) Math.max(1, Math.min(mostTasks, total.rows()));
        long frequent = frequent(total.rows(), tasks);
        int groups = GROUPS_A_TASK * tasks;
        // Spark reduces no rows to nothing
        KeyCounts counted = total.keys() == 0
                ? new KeyCounts(frequent, groups, 0)
                : KeyCounts.of(counts, frequent, groups, total.keys());
        return of(counted, total.rows(), tasks);
    }

    /** Rows of a key from which on it is placed by itself: half of what a task gets. */
    static long frequent(long rows, int tasks) {
        return Math.max(1, rows / tasks / 2);
    }

    /** Spreads {@code rows} counted rows, the largest parts first, each to the task that has fewest so far. */
    static KeyPlacement of(KeyCounts counts, long rows, int tasks) {
        long share = Math.max(1, (rows + tasks - 1) / tasks);
        List<Part> parts = new ArrayList<>();
        Map<Long, int[]> pieces = new HashMap<>();
        counts.frequentKeys().forEach((key, count) -> {
            int[] places = new int[(int) ((count + share - 1) / share)];
            pieces.put(key, places);
            for (int i = 0; i < places.length; i++) {
                parts.add(new Part((double) count / places.length, places, i));
            }
        });
        long[] others = counts.groups();
        int[] groups = new int[others.length];
        for (int i = 0; i < groups.length; i++) {
            parts.add(new Part(others[i], groups, i));
        }
        place(parts, tasks);
        return new KeyPlacement(tasks, groups, pieces, counts.known());
    }

    /**
     * Some rows that stay together.
     *
     * @param task where to note their task
     * @param at at which index
     */
    private record Part(double rows, int[] task, int at) {}

    private record Load(int task, double rows) {}

    private static void place(List<Part> parts, int tasks) {
        PriorityQueue<Load> loads =
                new PriorityQueue<>(Comparator.comparingDouble(Load::rows).thenComparingInt(Load::task));
        for (int task = 0; task < tasks; task++) {
            loads.add(new Load(task, 0));
        }
        parts.sort(Comparator.comparingDouble(Part::rows).reversed());
        for (Part part : parts) {
            Load least = loads.remove();
            part.task()[part.at()] = least.task();
            loads.add(new Load(least.task(), least.rows() + part.rows()));
        }
    }

    /** How many tasks there are. */
    public int tasks() {
        return tasks;
    }

    /** Into how many pieces the rows of a key are cut. */
    public int pieces(long key) {
        int[] places = pieces.get(key);
        return places == null ? 1 : places.length;
    }

    /** The task of one piece of a key's rows. */
    public int task(long key, int piece) {
        int[] places = pieces.get(key);
        return places == null ? groups[KeyCounts.group(key, groups.length)] : places[piece];
    }

    /** The tasks that have rows of a key, each once; none where it surely has no row. */
    public int[] tasks(long key) {
        if (!known.mightContainLong(key)) {
            return new int[0];
        }
        int[] places = pieces.get(key);
        return places == null
                ? new int[] {task(key, 0)}
                : Arrays.stream(places).distinct().toArray();
    }
}
