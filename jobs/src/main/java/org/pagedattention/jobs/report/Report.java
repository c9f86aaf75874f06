package org.pagedattention.jobs.report;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Histogram;
import org.pagedattention.jobs.cli.Versions;
import org.pagedattention.jobs.report.PageData.Card;
import org.pagedattention.jobs.report.PageData.Chart;
import org.pagedattention.jobs.report.PageData.Tile;
import org.pagedattention.scoring.models.ModelFacts;
import org.pagedattention.tensor.ElementType;

/** Makes a page of what a run did. */
public final class Report {
    private final RunFigures run;
    private final Histogram lengths;

    private Report(RunFigures run) {
        this.run = run;
        lengths = run.profile().lengths();
    }

    /**
     * The page.
     *
     * @param map of vectors that the run made; null for none
     */
    public static String html(RunFigures run, @Nullable VectorMap map) {
        return Page.html(new Report(run).data(Instant.now(), map));
    }

    PageData data(Instant when, @Nullable VectorMap map) {
        return new PageData(
                "Report of " + run.job(),
                "Paged Attention for Apache Spark " + Versions.product() + " · " + when.truncatedTo(ChronoUnit.SECONDS),
                run.output(),
                tiles(),
                map,
                charts(),
                cards(),
                "Charts by Chart.js (MIT), which this page brings with it; it fetches nothing.");
    }

    private List<Tile> tiles() {
        double tokens = run.figures().get(Figure.QUERY_TOKENS);
        List<Tile> tiles = new ArrayList<>(List.of(
                new Tile(run.rows(), Words.shortly(run.figures().get(Figure.SEQUENCES)), ""),
                new Tile("tokens", Words.shortly(tokens), ""),
                new Tile("wall time", Words.time(run.seconds()), ""),
                new Tile("tokens a second", Words.shortly(tokens / run.seconds()), "")));
        WorkCharts charts = new WorkCharts(run);
        charts.savedPadding()
                .ifPresent(saved -> tiles.add(new Tile("less than padded", saved, "batches of 32, random")));
        charts.savedSharing().ifPresent(saved -> tiles.add(new Tile("shared", saved, "of the tokens given")));
        return tiles;
    }

    private List<Chart> charts() {
        WorkCharts work = new WorkCharts(run);
        List<Chart> charts = new ArrayList<>();
        if (lengths.count() > 0) {
            charts.add(Chart.bars(
                    "Lengths",
                    "Median " + Words.count(lengths.quantile(0.5)) + ", 95% up to "
                            + Words.count(lengths.quantile(0.95)) + ", longest " + Words.count(lengths.largest()) + ".",
                    run.rows(),
                    "tokens",
                    Bars.of(lengths)));
        }
        work.padding().ifPresent(charts::add);
        work.sharing().ifPresent(charts::add);
        charts.addAll(new TimeCharts(run).all());
        return charts;
    }

    private List<Card> cards() {
        List<Card> cards = new ArrayList<>();
        List<Fact> facts = new ArrayList<>();
        if (run.model() != null) {
            facts.addAll(model(run.model()));
        }
        facts.add(new Fact("backend", run.backend()));
        facts.addAll(run.places());
        cards.add(new Card(run.model() == null ? "Where" : "Model", false, facts));
        cards.add(new Card("Figures", true, run.summary()));
        return cards;
    }

    private static List<Fact> model(ModelFacts model) {
        List<Fact> facts = new ArrayList<>(List.of(
                new Fact("body", model.card().body()),
                new Fact("then", model.card().end()),
                new Fact("layers", Words.count(model.card().layers())),
                new Fact("hidden size", Words.count(model.card().hidden())),
                new Fact("vocabulary", Words.count(model.card().vocabulary())),
                new Fact("tokens of a row", "up to " + Words.count(model.maxTokens()))));
        facts.add(new Fact("weights", stored(model.weights())));
        facts.add(new Fact("tables", stored(model.tables())));
        return facts;
    }

    private static String stored(Map<ElementType, Long> numbers) {
        List<String> parts = new ArrayList<>();
        numbers.forEach((type, count) -> parts.add(Words.shortly(count) + " numbers in " + type));
        return parts.isEmpty() ? "none" : String.join(", ", parts);
    }
}
