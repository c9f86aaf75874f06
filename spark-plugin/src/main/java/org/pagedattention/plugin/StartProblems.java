package org.pagedattention.plugin;

import java.util.ArrayList;
import java.util.List;

/** What went wrong with executors, as far as it is worth remembering. */
final class StartProblems {
    /** An executor that cannot start is started again and again; the first reasons tell it all. */
    private static final int KEPT = 20;
    /** A start may fail once for a reason that passes, such as memory that a predecessor is giving back. */
    private static final int HOPELESS = 3;

    private final List<String> sentences = new ArrayList<>();
    private int failedStarts;

    synchronized void add(String sentence) {
        if (sentences.size() < KEPT && !sentences.contains(sentence)) {
            sentences.add(sentence);
        }
    }

    /** Counts a failed start; true when so many failed one after another that waiting for a good one is no use. */
    synchronized boolean startFailed(String sentence) {
        add(sentence);
        failedStarts++;
        return failedStarts >= HOPELESS;
    }

    synchronized void started() {
        failedStarts = 0;
    }

    synchronized List<String> all() {
        return List.copyOf(sentences);
    }
}
