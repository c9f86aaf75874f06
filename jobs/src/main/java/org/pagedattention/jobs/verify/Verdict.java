package org.pagedattention.jobs.verify;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What verification found so far; verdicts of partitions are merged into one. */
final class Verdict implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final int PROBLEMS_KEPT = 5;

    private final Map<String, Worst> columns = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();
    private @Nullable Worst farthest;
    private long verified;
    private long checked;
    private long refused;
    private long unknown;

    /** The largest error of a column, and whose it is. */
    private record Worst(double error, String row) implements Serializable {}

    /** Notes the error of one column of one row. */
    void error(String column, double error, String row) {
        Worst worst = columns.get(column);
        // NaN, the error of a number against nothing finite, is the worst of all
        if (worst == null || Double.compare(error, worst.error()) > 0) {
            columns.put(column, new Worst(error, row));
        }
    }

    /** Notes the cosine of the angle between a vector and what it should be. */
    void cosine(double cosine, String row) {
        if (farthest == null || Double.compare(1 - cosine, farthest.error()) > 0) {
            farthest = new Worst(1 - cosine, row);
        }
    }

    /** Notes the end of a row: {@code problem} is empty when all of it was within tolerance. */
    void row(String problem) {
        checked++;
        if (problem.isEmpty()) {
            verified++;
        } else if (problems.size() < PROBLEMS_KEPT) {
            problems.add(problem);
        }
    }

    /** Notes the end of a row by the first of its problems; those that are empty are none. */
    void row(List<String> found) {
        row(found.stream().filter(problem -> !problem.isEmpty()).findFirst().orElse(""));
    }

    /** Notes a row that the job refused to score, and said so. */
    void refused() {
        refused++;
    }

    /** Notes a row that there is nothing to compare with. */
    void unknown() {
        unknown++;
    }

    Verdict merge(Verdict other) {
        other.columns.forEach((column, worst) -> error(column, worst.error(), worst.row()));
        other.problems.stream().limit(PROBLEMS_KEPT - problems.size()).forEach(problems::add);
        if (other.farthest != null) {
            cosine(1 - other.farthest.error(), other.farthest.row());
        }
        verified += other.verified;
        checked += other.checked;
        refused += other.refused;
        unknown += other.unknown;
        return this;
    }

    boolean passed() {
        return !anyWrong() && !allRefused();
    }

    /** Rows that were compared. */
    long checked() {
        return checked;
    }

    /** Whether a row that has results is not what it should be. */
    boolean anyWrong() {
        return verified < checked;
    }

    /** Whether there were rows, and none of them had results to compare. */
    private boolean allRefused() {
        return checked == 0 && refused > 0;
    }

    double maxAbsError() {
        double max = 0;
        for (Worst worst : columns.values()) {
            max = Double.compare(worst.error(), max) > 0 ? worst.error() : max;
        }
        return max;
    }

    List<String> problems() {
        return allRefused()
                ? List.of("nothing was compared: all " + refused + " rows carry an error instead of results; look at"
                        + " column error of the scored table, or let --sample take in more rows")
                : problems;
    }

    /** Largest error and worst row of each column. */
    String table() {
        StringBuilder text = new StringBuilder();
        columns.forEach((column, worst) -> text.append(String.format(
                Locale.ROOT, "%-7s max abs error %.3g, worst row %s%n", column, worst.error(), worst.row())));
        if (farthest != null) {
            text.append(String.format(
                    Locale.ROOT, "%-7s lowest %.7f, worst row %s%n", "cosine", 1 - farthest.error(), farthest.row()));
        }
        if (refused > 0) {
            text.append(refused).append(" row(s) carry an error instead of results, and count for nothing\n");
        }
        if (unknown > 0) {
            text.append(unknown).append(" row(s) have nothing to be compared with, and count for nothing\n");
        }
        if (checked + refused == 0) {
            text.append("nothing was compared: there are no rows\n");
        }
        return text.toString();
    }

    /** The line that scripts look for. */
    String lastLine() {
        return String.format(
                Locale.ROOT, "verified %d of %d sequences, max abs error %.3g", verified, checked, maxAbsError());
    }
}
