package org.pagedattention.jobs.bench.sharing;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.jobs.cli.JsonLine;
import org.pagedattention.request.ScoringOptions;

/**
 * What all ways took for the same rows.
 *
 * @param perHistory rows that ask a history
 * @param rows in all
 * @param card the GPU, where there is one
 * @param medians what each way took for the rows that it did
 */
record Comparison(
        ScoringOptions options,
        SharingRows made,
        int perHistory,
        long rows,
        Optional<Card> card,
        Map<Way, Measured> medians) {

    /**
     * A way's median run.
     *
     * @param rows that it did
     * @param noRows seconds that the same job takes over no rows
     */
    record Measured(Figures figures, long rows, double noRows) {
        /** Seconds that it would take for so many rows, where the job itself takes what it does for none. */
        double secondsFor(long all) {
            double work = Math.max(0, figures.seconds() - noRows);
            return rows == all ? figures.seconds() : noRows + work * all / rows;
        }
    }

    void print(PrintWriter out) {
        Measured unshared = medians.get(Way.UNSHARED);
        Measured slowest = unshared == null ? medians.get(Way.JOINED) : unshared;
        medians.forEach((way, measured) -> print(out, way, measured, slowest));
        out.flush();
    }

    private void print(PrintWriter out, Way way, Measured measured, @Nullable Measured slowest) {
        Figures figures = measured.figures();
        double seconds = measured.secondsFor(rows);
        double faster = slowest == null ? Double.NaN : slowest.secondsFor(rows) / seconds;
        double once = (double) made.allHistoryTokens() * tokenBytes();
        double held = (double) figures.kvTokens() * tokenBytes();
        JsonLine json = JsonLine.of("sharing")
                .text("way", way)
                .number("queries_a_history", perHistory)
                .number("times_unshared", faster, 2)
                .number("seconds", figures.seconds(), 3)
                .number("rows", measured.rows())
                .number("seconds_without_rows", measured.noRows(), 3)
                .number("seconds_for_all", seconds, 3)
                .number("all_rows", rows)
                .number("rows_a_second", rows / seconds, 1)
                .number("histories", made.histories())
                .text("history_tokens", made.historyTokens())
                .number("mb_of_histories", once / 1e6, 1)
                .number("mb_held_in_batches", held / 1e6, 1)
                .number("copies_held", held / once, 3)
                .number("mb_shuffled", figures.shuffled() / 1e6, 1)
                .number("mb_to_gpu", figures.toDevice() / 1e6, 1)
                .number("mb_from_gpu", (figures.copied() - figures.toDevice()) / 1e6, 1)
                .number("gpu_seconds", figures.gpuSeconds(), 4)
                .number("peak_heap_mb", figures.heap() / 1e6, 1);
        String beside = card.isPresent() ? besideCard(card.get(), way, figures, once, json) : "";
        out.println(json);
        out.printf(
                Locale.ROOT,
                "%4d rows a history, %-8s %8.3f s%s, x%.2f; shuffled %,.0f MB, held %,.0f MB (%.2f copies), to the GPU"
                        + " %,.0f MB, back %,.0f MB, fullest heap %,.0f MB%s%n",
                perHistory,
                way,
                figures.seconds(),
                measured.rows() == rows
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                " for %,d of %,d rows (%.2f s for none, so %,.0f s for all)",
                                measured.rows(),
                                rows,
                                measured.noRows(),
                                seconds),
                faster,
                figures.shuffled() / 1e6,
                held / 1e6,
                held / once,
                figures.toDevice() / 1e6,
                (figures.copied() - figures.toDevice()) / 1e6,
                figures.heap() / 1e6,
                beside);
    }

    /** How far the shared way is from reading each history once, as fast as the card copies. */
    private String besideCard(Card card, Way way, Figures figures, double once, JsonLine json) {
        if (way != Way.SHARED || figures.batches() == 0) {
            return "";
        }
        double ideal = once / card.copied();
        int tokens = (int) Math.max(1, made.allHistoryTokens() / made.histories());
        int histories = (int) Math.max(1, Math.round((double) figures.kvTokens() / tokens / figures.batches()));
        int queries = (int) Math.max(1, Math.round(made.queryTokens().mean()));
        double kernel = card.kernel(options, histories, tokens, perHistory, queries);
        double batch = (double) histories * tokens * tokenBytes() / card.copied();
        json.number("card_copies_gb_a_second", card.copied() / 1e9, 1)
                .number("ms_to_read_histories_once", 1e3 * ideal, 3)
                .number("times_reading_once", figures.seconds() / ideal, 1)
                .number("gpu_times_reading_once", figures.gpuSeconds() / ideal, 2)
                .number("kernel_times_reading_once", kernel / batch, 2);
        return String.format(
                Locale.ROOT,
                "; the card copies %.0f GB/s and would read each history once in %.2f ms: the job takes %.0f times that,"
                        + " its batches on the GPU with their copies %.1f, the kernel alone of one batch (%d histories) %.2f",
                card.copied() / 1e9,
                1e3 * ideal,
                figures.seconds() / ideal,
                figures.gpuSeconds() / ideal,
                histories,
                kernel / batch);
    }

    private double tokenBytes() {
        AttentionSpec spec = options.spec();
        return (double) (spec.keyElements() + spec.valueElements())
                * spec.type().bytes();
    }
}
