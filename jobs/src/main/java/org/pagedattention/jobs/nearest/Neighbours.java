package org.pagedattention.jobs.nearest;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** The nearest of all rows that were offered, for each of some questions. */
final class Neighbours implements Serializable {
    private static final long serialVersionUID = 1;
    private static final Comparator<Neighbour> FARTHEST_FIRST =
            (Comparator<Neighbour> & Serializable) (a, b) -> Float.compare(a.cosine(), b.cosine());

    private final int most;
    private final List<PriorityQueue<Neighbour>> found = new ArrayList<>();

    /**
     * A row and how near it is.
     *
     * @param cosine of the angle between its vector and the question's
     * @param shown what people see of it
     */
    record Neighbour(float cosine, List<String> shown) implements Serializable {}

    /**
     * @param most neighbours of each question
     */
    Neighbours(int questions, int most) {
        this.most = most;
        for (int i = 0; i < questions; i++) {
            found.add(new PriorityQueue<>(FARTHEST_FIRST));
        }
    }

    /** Whether a row as near as that would be among them. */
    boolean wants(int question, float cosine) {
        PriorityQueue<Neighbour> queue = found.get(question);
        return queue.size() < most || cosine > queue.element().cosine();
    }

    void add(int question, Neighbour neighbour) {
        PriorityQueue<Neighbour> queue = found.get(question);
        queue.add(neighbour);
        if (queue.size() > most) {
            queue.remove();
        }
    }

    Neighbours merge(Neighbours other) {
        for (int q = 0; q < found.size(); q++) {
            for (Neighbour neighbour : other.found.get(q)) {
                add(q, neighbour);
            }
        }
        return this;
    }

    /** Those of one question, the nearest first. */
    List<Neighbour> of(int question) {
        return found.get(question).stream().sorted(FARTHEST_FIRST.reversed()).toList();
    }

    /** The cosine of the angle between two vectors; 0 when one of them has no length. */
    static float cosine(float[] a, List<Float> b) {
        double dot = 0;
        double squareA = 0;
        double squareB = 0;
        for (int i = 0; i < a.length; i++) {
            dot += (double) a[i] * b.get(i);
            squareA += (double) a[i] * a[i];
            squareB += (double) b.get(i) * b.get(i);
        }
        double lengths = Math.sqrt(squareA * squareB);
        return lengths == 0 ? 0 : (float) (dot / lengths);
    }
}
