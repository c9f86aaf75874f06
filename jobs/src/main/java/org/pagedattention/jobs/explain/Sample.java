package org.pagedattention.jobs.explain;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.apache.hadoop.fs.FileStatus;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Some rows of a table: the first ones of some of its files, which are always the same.
 *
 * @param words where they are from
 */
public record Sample(Dataset<Row> rows, String words) {
    private static final int ROWS = 1000;
    private static final int FILES = 8;
    private static final long SEED = 1;

    /**
     * Chooses rows.
     *
     * @param files of the table; fewer than two for one that does not consist of files, or whose files are not to be read
     *     on their own
     * @param read reads some of them as the whole table is read
     */
    public static Sample of(Dataset<Row> table, List<FileStatus> files, Function<FileStatus, Dataset<Row>> read) {
        if (files.size() < 2) {
            return new Sample(table.limit(ROWS), "up to " + ROWS + " rows, the first ones");
        }
        List<FileStatus> all = new ArrayList<>(files);
        Collections.shuffle(all, new Random(SEED));
        List<FileStatus> some = all.subList(0, Math.min(FILES, all.size()));
        Dataset<Row> rows = some.stream()
                .map(file -> read.apply(file).limit(ROWS / some.size()))
                .reduce(Dataset::union)
                .orElseThrow();
        return new Sample(
                rows,
                "up to " + ROWS / some.size() + " rows each of " + some.size() + " of " + files.size()
                        + " files, the first ones there");
    }
}
