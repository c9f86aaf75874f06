package org.pagedattention.jobs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/** Small tables, places of their own and jobs over them, for whoever provokes errors. */
final class ErrorTables {
    static final Path MODELS = Path.of("../spark-plugin/src/test/resources/models");

    private final Path folder;
    private int places;

    ErrorTables(Path folder) {
        this.folder = folder;
        JobRun.generate(sequences(), "--sequences 3 --lengths fixed:2");
        List<Row> rows = new ArrayList<>();
        for (long i = 0; i < 4; i++) {
            rows.add(RowFactory.create(i, i == 2 ? null : "the dog runs " + "and runs ".repeat((int) i * 20), "a cat"));
        }
        JobRun.spark()
                .createDataFrame(
                        rows,
                        new StructType().add("id", "long").add("text", "string").add("other", "string"))
                .write()
                .parquet(texts().toString());
    }

    /** Three sequences of q, k and v. */
    Path sequences() {
        return folder.resolve("sequences");
    }

    /** Four texts, of which the third is null and the fourth is long. */
    Path texts() {
        return folder.resolve("texts");
    }

    /** A path below which nothing lies. */
    Path place() {
        return folder.resolve("place" + places++);
    }

    /** A copy of the sequences with a column computed otherwise. */
    Path sequencesWith(String column, String expression) {
        Path place = place();
        JobRun.table(sequences())
                .withColumn(column, org.apache.spark.sql.functions.expr(expression))
                .write()
                .parquet(place.toString());
        return place;
    }

    /** A copy of a folder's files. */
    Path copyOf(Path original) {
        Path copy = place();
        try (Stream<Path> files = Files.walk(original)) {
            for (Path file : files.toList()) {
                Path target = copy.resolve(original.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return copy;
    }

    /** The first file of a folder whose name ends so. */
    static Path file(Path folder, String end) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(end))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What score says over a table, with options. */
    String score(Path input, String... options) {
        return error("score --input " + input + " --output " + place(), JobRun.SHAPE, String.join(" ", options));
    }

    /** What embed says over the texts, of which one is null. */
    String embed(Path model, String... options) {
        return error(
                "embed --model " + model + " --input " + texts() + " --output " + place(), String.join(" ", options));
    }

    /** The one line in which a job says why it failed. */
    static String error(String... arguments) {
        JobRun run = JobRun.of(arguments);
        return run.err()
                .lines()
                .filter(line -> line.startsWith("error: "))
                .findFirst()
                .map(line -> line.substring("error: ".length()))
                .orElseThrow(
                        () -> new AssertionError("no error: status " + run.status() + "\n" + run.err() + run.out()));
    }
}
