package org.pagedattention.jobs.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Histogram;
import org.pagedattention.jobs.report.PageData.Amount;
import org.pagedattention.jobs.report.PageData.Chart;

/** How much was computed, beside what others would have to. */
final class WorkCharts {
    private final RunFigures run;
    private final Histogram lengths;

    WorkCharts(RunFigures run) {
        this.run = run;
        lengths = run.profile().lengths();
    }

    /** What batches held, slots that no token owns included; common tokens once. */
    private double computed() {
        long shared = run.figures().get(Figure.COMPUTED_TOKENS);
        return shared > 0 ? shared : lengths.sum() + run.figures().get(Figure.WASTED_SLOTS);
    }

    /** Rows that share keys have lengths that batches do not hold. */
    private boolean comparable() {
        return lengths.count() > 0 && run.figures().get(Figure.ASKED_TOKENS) == 0;
    }

    Optional<String> savedPadding() {
        double padded = comparable() ? Padding.of(lengths).random() : 0;
        return padded > 0 ? Optional.of(Words.percent(padded - computed(), padded)) : Optional.empty();
    }

    Optional<Chart> padding() {
        if (!comparable()) {
            return Optional.empty();
        }
        Padding padding = Padding.of(lengths);
        List<Amount> amounts = List.of(
                amount("this job", computed(), true),
                amount("batches of 32, sorted by length", padding.sorted(), false),
                amount("batches of 32, random order", padding.random(), false),
                amount("all as long as the longest", padding.longest(), false));
        return Optional.of(Chart.amounts(
                "Padding",
                "What this job computed, and what it would be with each batch padded to its longest row, by the lengths above."
                        + (run.backend().startsWith("cudnn")
                                ? " What a GPU's launches are rounded up by is not among this job's."
                                : ""),
                "tokens",
                amounts));
    }

    private Amount amount(String name, double tokens, boolean ours) {
        double times = tokens / Math.max(1, computed());
        String text = Words.count(tokens) + " tokens" + (ours ? "" : " (× " + Words.number(times, 2) + ")");
        return new Amount(name, tokens, text, ours);
    }

    Optional<String> savedSharing() {
        double given = run.figures().get(Figure.QUERY_TOKENS);
        double computed = run.figures().get(Figure.COMPUTED_TOKENS);
        return sharesPrefixes() ? Optional.of(Words.percent(given - computed, given)) : Optional.empty();
    }

    /** Models compute as many tokens as they are given where rows have nothing in common. */
    private boolean sharesPrefixes() {
        long computed = run.figures().get(Figure.COMPUTED_TOKENS);
        return computed > 0 && computed < run.figures().get(Figure.QUERY_TOKENS);
    }

    /** Prefixes of texts, or keys and values of several rows. */
    Optional<Chart> sharing() {
        List<Amount> amounts = new ArrayList<>();
        if (sharesPrefixes()) {
            both(amounts, "tokens given", Figure.QUERY_TOKENS, "tokens computed", Figure.COMPUTED_TOKENS);
            return Optional.of(Chart.amounts(
                    "Common prefixes", "Tokens that rows begin with alike are computed once.", "tokens", amounts));
        }
        if (run.figures().get(Figure.ASKED_TOKENS) > 0) {
            both(amounts, "keys that rows ask for", Figure.ASKED_TOKENS, "keys in batches", Figure.KV_TOKENS);
            return Optional.of(Chart.amounts(
                    "Shared keys", "What several rows of a batch attend to lies there once.", "keys", amounts));
        }
        return Optional.empty();
    }

    private void both(List<Amount> amounts, String given, Figure all, String done, Figure once) {
        for (Figure figure : List.of(once, all)) {
            double count = run.figures().get(figure);
            double of = run.figures().get(all);
            String text = Words.count(count) + " (" + Words.percent(count, of) + ")";
            amounts.add(new Amount(figure == once ? done : given, count, text, figure == once));
        }
    }
}
