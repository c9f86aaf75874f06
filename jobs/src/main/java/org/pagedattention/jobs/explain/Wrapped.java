package org.pagedattention.jobs.explain;

import java.util.ArrayList;
import java.util.List;

/** Names and texts, the latter in as many lines as they take, all within the width of a terminal. */
final class Wrapped {
    private static final int WIDTH = 80;
    private static final int NAMES = 15;

    private final List<String> lines = new ArrayList<>();

    /** Adds a name and what is said of it. */
    Wrapped fact(String name, String text) {
        StringBuilder line = new StringBuilder(name);
        line.append(" ".repeat(Math.max(1, NAMES - name.length())));
        boolean empty = true;
        for (String word : text.strip().split("\\s+", -1)) {
            if (!empty && line.length() + 1 + word.length() > WIDTH) {
                lines.add(line.toString());
                line = new StringBuilder(" ".repeat(NAMES));
                empty = true;
            }
            line.append(empty ? "" : " ").append(word);
            empty = false;
        }
        lines.add(line.toString().stripTrailing());
        return this;
    }

    @Override
    public String toString() {
        return String.join("\n", lines);
    }
}
