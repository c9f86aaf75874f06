package org.pagedattention.jobs.verify;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.pagedattention.jobs.table.JobFailedException;
import org.pagedattention.jobs.table.Tables;
import org.pagedattention.tensor.Tolerance;
import picocli.CommandLine.Option;

/** Vectors that were made elsewhere, such as by sentence-transformers, with the texts that they are of. */
final class ReferenceVectors {
    @Option(
            names = "--reference",
            paramLabel = "PATH",
            description =
                    "Parquet with texts and their vectors, made elsewhere, to compare column embedding of --scored"
                            + " with; takes the place of --input and --model")
    private @Nullable String path;

    @Option(names = "--reference-text", paramLabel = "COL", description = "Its column of texts (default: as --text)")
    private @Nullable String text;

    @Option(
            names = "--reference-vector",
            paramLabel = "COL",
            defaultValue = "embedding",
            description = "Its column of vectors, ARRAY<FLOAT> or ARRAY<DOUBLE> (default: embedding)")
    private String vector = "embedding";

    boolean given() {
        return path != null;
    }

    @Nullable
    String path() {
        return path;
    }

    /**
     * Compares every row of {@code scored} whose text the reference has.
     *
     * @param textColumn of the scored table
     * @throws JobFailedException when there is none
     */
    Verdict verify(Dataset<Row> scored, Dataset<Row> reference, String textColumn, Tolerance tolerance) {
        String theirs = text == null ? textColumn : text;
        require(scored, textColumn, "--scored", "--text");
        require(scored, "embedding", "--scored", "the job embed: it has no such column");
        require(reference, theirs, "--reference", "--reference-text");
        require(reference, vector, "--reference", "--reference-vector");
        Column key = Tables.column(reference, theirs);
        Dataset<Row> known = reference
                .select(
                        key.as("known"),
                        Tables.column(reference, vector).cast("array<double>").as("expected"))
                .distinct();
        requireOneVectorEach(known);
        Dataset<Row> made = scored.select(
                Tables.column(scored, textColumn).as("text"),
                Tables.column(scored, "embedding").as("embedding"));
        Dataset<Row> pairs = made.join(known, made.col("text").equalTo(known.col("known")), "left_outer");
        Verdict verdict = pairs.javaRDD()
                .mapPartitions(rows -> {
                    Verdict part = new Verdict();
                    rows.forEachRemaining(row -> compare(row, tolerance, part));
                    return List.of(part).iterator();
                })
                .fold(new Verdict(), Verdict::merge);
        if (verdict.checked() == 0) {
            throw new JobFailedException("nothing was compared: no text of column " + textColumn
                    + " of --scored is in column " + theirs + " of --reference");
        }
        return verdict;
    }

    private static void requireOneVectorEach(Dataset<Row> known) {
        Dataset<Row> several = known.groupBy("known").count().filter("count > 1");
        if (!several.isEmpty()) {
            throw new JobFailedException("--reference has several vectors of one text, '"
                    + several.first().getString(0) + "': which one is right?");
        }
    }

    private static void compare(Row row, Tolerance tolerance, Verdict verdict) {
        if (row.isNullAt(2)) {
            verdict.unknown();
            return;
        }
        if (row.isNullAt(1)) {
            verdict.refused();
            return;
        }
        String text = row.getString(0);
        String name = "'" + (text.length() > 40 ? text.substring(0, 40) + "..." : text) + "'";
        if (row.isNullAt(3)) {
            verdict.row("the reference has no vector of " + name);
            return;
        }
        double[] expected = PlainTensors.numbers(row, 3);
        double[] actual = PlainTensors.numbers(row, 1);
        String problem = new Expected(expected, tolerance).compare("embedding", actual, name, verdict);
        if (expected.length == actual.length) {
            verdict.cosine(cosine(expected, actual), name);
        }
        verdict.row(problem);
    }

    private static double cosine(double[] a, double[] b) {
        double dot = 0;
        double squareA = 0;
        double squareB = 0;
        for (int i = 0; i < a.length; i++) {
            dot += a[i] * b[i];
            squareA += a[i] * a[i];
            squareB += b[i] * b[i];
        }
        return dot / Math.sqrt(squareA * squareB);
    }

    private static void require(Dataset<Row> table, String column, String option, String cure) {
        if (!Arrays.asList(table.columns()).contains(column)) {
            throw new IllegalArgumentException("column '" + column + "' is not in the table of " + option
                    + ", which has " + String.join(", ", table.columns()) + ": name the right one with " + cure);
        }
    }
}
