package org.pagedattention.jobs.report;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.substring;

import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.pagedattention.files.Literal;
import org.pagedattention.jobs.table.OutputFolder;
import org.pagedattention.jobs.table.Tables;

/**
 * A sample of a table's vectors in two dimensions.
 *
 * @param caption what is seen
 */
public record VectorMap(String caption, List<Place> points) {
    private static final int MOST = 2000;
    private static final int MOST_FILES = 16;

    /** Letters of a text that are read. */
    private static final int LABEL = 160;

    private static final long SEED = 1;

    /** More is asked for than is shown, as a sample's size is a matter of chance. */
    private static final double MORE = 1.3;

    /**
     * A vector.
     *
     * @param label how its text begins
     */
    public record Place(double x, double y, String label) {}

    /**
     * Reads some vectors back and finds where they lie; the same ones for the same table.
     *
     * @param vectors column of the vectors
     * @param text column of what they were made of
     * @param rows of the table
     * @return null where there are too few
     */
    public static @Nullable VectorMap of(OutputFolder table, String vectors, @Nullable String text, long rows) {
        List<Row> sample = sample(table, vectors, text, rows);
        if (sample.size() < 3) {
            return null;
        }
        float[][] read = sample.stream().map(row -> numbers(row.getList(0))).toArray(float[][]::new);
        Principal plane = Principal.of(read, SEED);
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < read.length; i++) {
            double[] at = plane.places()[i];
            places.add(new Place(at[0], at[1], label(sample.get(i))));
        }
        String caption = Words.count(places.size()) + " of " + Words.count(rows)
                + " rows, each a point, placed along the two directions in which their vectors differ most ("
                + Words.percent(plane.explained(), 1) + " of how they differ). Point at one to read how it begins.";
        return new VectorMap(caption, places);
    }

    private static List<Row> sample(OutputFolder table, String vectors, @Nullable String text, long rows) {
        Dataset<Row> whole = table.read();
        List<String> files = new ArrayList<>(Arrays.asList(whole.inputFiles()));
        Collections.sort(files);
        Collections.shuffle(files, new Random(SEED));
        List<String> some = files.subList(0, Math.min(MOST_FILES, files.size()));
        double expected = (double) rows * some.size() / Math.max(1, files.size());
        Dataset<Row> read = some.size() == files.size()
                ? whole
                : whole.sparkSession()
                        .read()
                        .format(table.format())
                        .schema(whole.schema())
                        .load(some.stream().map(VectorMap::path).toArray(String[]::new));
        List<Row> found = new ArrayList<>(read.select(
                        col(vectors).as("vector"),
                        substring(named(whole, vectors, text), 1, LABEL).as("label"))
                .where("vector is not null")
                .sample(Math.min(1, MORE * MOST / Math.max(1, expected)), SEED)
                .limit(2 * MOST)
                .collectAsList());
        Collections.shuffle(found, new Random(SEED));
        return found.subList(0, Math.min(MOST, found.size()));
    }

    private static String path(String file) {
        return Literal.of(new Path(URI.create(file)).toString());
    }

    /** What rows are known by: their texts, or else their first column. */
    private static Column named(Dataset<Row> table, String vectors, @Nullable String text) {
        List<String> names = Arrays.asList(table.columns());
        String name = text != null && names.contains(text)
                ? text
                : names.stream()
                        .filter(other -> !other.equals(vectors))
                        .findFirst()
                        .orElse(vectors);
        return Tables.column(table, name).cast("string");
    }

    private static float[] numbers(List<Float> vector) {
        float[] numbers = new float[vector.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = vector.get(i);
        }
        return numbers;
    }

    private static String label(Row row) {
        return row.isNullAt(1) ? "" : row.getString(1).replaceAll("\\s+", " ").strip();
    }
}
