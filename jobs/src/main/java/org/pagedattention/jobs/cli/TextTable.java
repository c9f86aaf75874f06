package org.pagedattention.jobs.cli;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Lines of aligned columns: the first to the left, the others to the right, facts to the left too. */
public final class TextTable {
    private final List<List<String>> rows = new ArrayList<>();
    private final Set<Integer> facts = new HashSet<>();

    public TextTable row(String... cells) {
        rows.add(List.of(cells));
        return this;
    }

    /** A line of a name and a text of any length. */
    public TextTable fact(String name, String text) {
        facts.add(rows.size());
        return row(name, text);
    }

    /** The cells of each line. */
    public List<List<String>> rows() {
        return List.copyOf(rows);
    }

    @Override
    public String toString() {
        int columns = rows.stream().mapToInt(List::size).max().orElse(0);
        List<Integer> widths = new ArrayList<>(Collections.nCopies(columns, 0));
        for (int r = 0; r < rows.size(); r++) {
            List<String> row = rows.get(r);
            // the text of a fact may be long, and is nobody's column
            int cells = facts.contains(r) ? 1 : row.size();
            for (int i = 0; i < cells; i++) {
                widths.set(i, Math.max(widths.get(i), row.get(i).length()));
            }
        }
        return IntStream.range(0, rows.size())
                .mapToObj(i -> line(rows.get(i), widths, facts.contains(i)))
                .collect(Collectors.joining("\n"));
    }

    private static String line(List<String> row, List<Integer> widths, boolean fact) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            String fill = " ".repeat(Math.max(0, widths.get(i) - row.get(i).length()));
            line.append(i == 0 ? "" : "  ");
            line.append(i == 0 || fact ? row.get(i) + fill : fill + row.get(i));
        }
        return line.toString().stripTrailing();
    }
}
