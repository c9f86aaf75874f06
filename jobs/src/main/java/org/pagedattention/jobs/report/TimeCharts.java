package org.pagedattention.jobs.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Histogram;
import org.pagedattention.executor.Stage;
import org.pagedattention.executor.WorkProfile;
import org.pagedattention.jobs.report.PageData.Amount;
import org.pagedattention.jobs.report.PageData.Chart;
import org.pagedattention.jobs.report.PageData.Point;

/** Where a run's time went: second by second, by what was done, and by who did it. */
final class TimeCharts {
    private static final int MOST_POINTS = 120;
    private static final int MOST_PLACES = 24;

    private final RunFigures run;

    TimeCharts(RunFigures run) {
        this.run = run;
    }

    List<Chart> all() {
        List<Chart> charts = new ArrayList<>();
        if (!run.profile().pace().done().isEmpty()) {
            charts.add(pace());
        }
        if (!run.profile().times().nanos().isEmpty()) {
            charts.add(stages());
        }
        if (run.profile().places().size() > 1) {
            charts.add(places());
        }
        if (run.profile().taskMillis().count() > 0) {
            charts.add(tasks());
        }
        return charts;
    }

    private Chart pace() {
        SortedMap<Long, Double> done = run.profile().pace().done();
        long first = done.firstKey();
        long steps = (done.lastKey() - first) / run.profile().pace().step() + 1;
        long width = run.profile().pace().step() * Math.max(1, (steps + MOST_POINTS - 1) / MOST_POINTS);
        double[] sums = new double[(int) ((done.lastKey() - first) / width) + 1];
        done.forEach((at, work) -> sums[(int) ((at - first) / width)] += work);
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < sums.length; i++) {
            points.add(new Point((i + 0.5) * width / 1e3, sums[i] * 1e3 / width));
        }
        String batches = Words.count(run.figures().get(Figure.BATCHES)) + " batches";
        return Chart.line(
                "Throughput",
                batches + "; the tokens of each count evenly over the time since its task's batch before it.",
                "tokens a second",
                points);
    }

    private Chart stages() {
        double all = run.profile().times().nanos().values().stream()
                .mapToLong(Long::longValue)
                .sum();
        List<Amount> amounts = new ArrayList<>();
        run.profile()
                .times()
                .nanos()
                .forEach((stage, nanos) -> amounts.add(new Amount(
                        name(stage),
                        nanos / 1e9,
                        Words.time(nanos / 1e9) + ", " + Words.percent((double) nanos, all),
                        true)));
        return Chart.amounts(
                "Time by stage",
                "All tasks together. Reading and writing include what else Spark does before and behind.",
                "seconds",
                amounts);
    }

    private String name(Stage stage) {
        boolean model = run.model() != null;
        return switch (stage) {
            case READ -> "reading";
            case PACK -> model ? "tokenizing" : "packing";
            case ATTENTION -> model ? "the model" : "attention";
            case ENCODE -> "making columns";
            case WRITE -> "writing";
            default -> stage.label();
        };
    }

    private Chart places() {
        SortedMap<String, WorkProfile.Share> places = run.profile().places();
        List<Amount> amounts = new ArrayList<>();
        places.forEach((place, share) -> amounts.add(new Amount(
                "executor " + place,
                (double) share.tokens(),
                Words.shortly(share.tokens()) + " tokens, " + share.tasks() + " tasks, "
                        + Words.time(share.millis() / 1e3),
                true)));
        amounts.sort(Comparator.comparingDouble(Amount::value).reversed());
        String more =
                places.size() > MOST_PLACES ? " The " + MOST_PLACES + " that did most, of " + places.size() + "." : "";
        return Chart.amounts(
                "Executors",
                "What each did, and the time of its tasks added up." + more,
                "tokens",
                amounts.subList(0, Math.min(MOST_PLACES, amounts.size())));
    }

    private Chart tasks() {
        Histogram millis = run.profile().taskMillis();
        double mean = millis.sum() / 1e3 / millis.count();
        return Chart.bars(
                "Tasks",
                Words.count(millis.count()) + " tasks, on average " + Words.time(mean) + ", the longest "
                        + Words.time(millis.largest() / 1e3) + ".",
                "tasks",
                "seconds",
                Bars.seconds(millis));
    }
}
