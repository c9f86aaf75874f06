package org.pagedattention.jobs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;

/** Reads and writes tables at paths. */
final class Tables {
    private Tables() {}

    /**
     * Opens a table.
     *
     * @param option the option that named {@code path}, for the message when nothing is there
     */
    static Dataset<Row> read(SparkSession spark, String format, String path, String option) {
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        boolean pattern = path.chars().anyMatch(c -> "*?[{".indexOf(c) >= 0);
        if (!pattern && !exists(qualified(path, hadoop), hadoop)) {
            throw new IllegalArgumentException(
                    option + " " + path + " does not exist: give the path of a " + format + " table");
        }
        return spark.read().format(format).load(path);
    }

    static void write(Dataset<Row> rows, OutputOptions output, List<String> tensorColumns) {
        Configuration hadoop = rows.sparkSession().sparkContext().hadoopConfiguration();
        rows.write()
                .format(output.format())
                .options(TensorFiles.writeOptions(hadoop, tensorColumns))
                .mode(output.overwrite() ? SaveMode.Overwrite : SaveMode.ErrorIfExists)
                .save(output.path());
    }

    /**
     * Refuses an output that cannot be written, before work is spent on it.
     *
     * @param inputs paths that are read meanwhile
     */
    static void requireWritable(SparkSession spark, OutputOptions output, String... inputs) {
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        Path path = qualified(output.path(), hadoop);
        for (String input : inputs) {
            if (inside(path, qualified(input, hadoop)) || inside(qualified(input, hadoop), path)) {
                throw new IllegalArgumentException("--output " + output.path() + " and --input " + input
                        + " lie in each other: set --output to a path of its own");
            }
        }
        if (!output.overwrite() && exists(path, hadoop)) {
            throw new IllegalArgumentException(
                    "--output " + output.path() + " exists: give --mode overwrite to replace it, or another path");
        }
    }

    private static boolean inside(Path inner, Path outer) {
        for (Path path = inner; path != null; path = path.getParent()) {
            if (path.equals(outer)) {
                return true;
            }
        }
        return false;
    }

    private static Path qualified(String path, Configuration hadoop) {
        try {
            Path raw = new Path(path);
            return raw.getFileSystem(hadoop).makeQualified(raw);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean exists(Path path, Configuration hadoop) {
        try {
            return path.getFileSystem(hadoop).exists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
