package org.pagedattention.jobs.loglikelihood;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.pagedattention.jobs.cli.TextTable;
import org.pagedattention.likelihood.CorpusMeasures;
import org.pagedattention.likelihood.LikelihoodMode;
import org.pagedattention.request.LikelihoodRequest;

/**
 * What the log-likelihoods of a whole table come to. A text that was cut has more words and bytes than were scored, so it
 * counts among tokens only.
 *
 * @param all rows that have a log-likelihood; its words and bytes mean nothing
 * @param whole those of them whose text was scored to its end; null where rows hold token ids
 * @param rows how many {@code all} are
 * @param cut how many of these {@code whole} leaves out
 * @param without rows that have no log-likelihood
 */
record Corpus(CorpusMeasures all, @Nullable CorpusMeasures whole, long rows, long cut, long without) {

    static Corpus of(Dataset<Row> table, LikelihoodRequest request) {
        boolean texts = !request.columns().ids();
        // a continuation that was cut has lost of its context only
        Column used = request.mode() == LikelihoodMode.TEXT ? col("truncated").equalTo(false) : lit(true);
        Column scored = col("log_likelihood");
        List<Column> sums = new ArrayList<>(List.of(
                count(lit(1)),
                count(scored),
                total(scored),
                total(col("tokens")),
                count(when(used.and(scored.isNotNull()), 1))));
        if (texts) {
            sums.add(total(when(used, scored)));
            sums.add(total(when(used, col("word_count"))));
            sums.add(total(when(used, col("bytes"))));
        }
        Row row = table.agg(sums.get(0), sums.subList(1, sums.size()).toArray(Column[]::new))
                .first();
        CorpusMeasures all = new CorpusMeasures(row.getDouble(2), (long) row.getDouble(3), 0, 0);
        CorpusMeasures whole = texts
                ? new CorpusMeasures(row.getDouble(5), 0, (long) row.getDouble(6), (long) row.getDouble(7))
                : null;
        long rows = row.getLong(1);
        return new Corpus(all, whole, rows, rows - row.getLong(4), row.getLong(0) - rows);
    }

    private static Column total(Column column) {
        return coalesce(sum(column.cast("double")), lit(0.0));
    }

    /** For people. */
    TextTable table() {
        TextTable table = new TextTable()
                .row("rows of the corpus", String.format(Locale.ROOT, "%,d", rows))
                .row("log-likelihood", String.format(Locale.ROOT, "%,.3f", all.logLikelihood()))
                .row("tokens scored", String.format(Locale.ROOT, "%,d", all.tokens()))
                .row("perplexity", number(all.perplexity()));
        if (whole != null) {
            table.row("word perplexity", number(whole.wordPerplexity()))
                    .row("byte perplexity", number(whole.bytePerplexity()))
                    .row("bits per byte", number(whole.bitsPerByte()));
        }
        if (cut > 0) {
            table.row("rows cut, not among words and bytes", String.format(Locale.ROOT, "%,d", cut));
        }
        return without == 0
                ? table
                : table.row("rows without log-likelihood", String.format(Locale.ROOT, "%,d", without));
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "none: nothing was scored" : String.format(Locale.ROOT, "%,.6f", value);
    }
}
