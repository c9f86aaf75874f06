package org.pagedattention.jobs.run;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.table.HadoopFiles;
import org.pagedattention.jobs.table.JobFailedException;
import org.pagedattention.jobs.table.OutputFolder;
import org.pagedattention.jobs.table.RunLock;
import org.pagedattention.jobs.table.TableEntries;
import org.pagedattention.jobs.table.Tables;
import org.pagedattention.scoring.input.InputFiles;

/** Looks at the place of an output before work is spent on it. */
public final class OutputPlace {
    private OutputPlace() {}

    /**
     * Refuses an output that cannot be written there.
     *
     * @param inputs paths that are read meanwhile
     * @throws IllegalArgumentException when something is in the way
     * @throws JobFailedException when another run works on what is to be replaced
     */
    public static void requireWritable(SparkSession spark, OutputOptions output, Console console, String... inputs) {
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        Path path = HadoopFiles.qualified(output.path(), hadoop);
        for (String input : inputs) {
            Tables.requireApartFromInput(spark, "--output", output.path(), input);
        }
        if (!HadoopFiles.exists(path, hadoop)) {
            return;
        }
        requireTable(path, output, hadoop);
        if (output.overwrite()) {
            RunLock.requireNone(path, RunLock.Pace.USUAL, hadoop, console.err());
        } else if (!HadoopFiles.isEmptyFolder(path, hadoop)) {
            throw exists(output.path(), HadoopFiles.exists(new Path(path, OutputFolder.MARKER), hadoop));
        }
    }

    /**
     * Refuses to replace the very files that are read, by whatever names: a store may be mounted, a server have aliases,
     * and another protocol lead to the same files.
     *
     * @throws IllegalArgumentException naming one of the files
     */
    public static void requireOther(SparkSession spark, OutputOptions output, Dataset<Row> input) {
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        Path path = HadoopFiles.qualified(output.path(), hadoop);
        if (!HadoopFiles.exists(path, hadoop)) {
            return;
        }
        List<FileStatus> inputs = InputFiles.of(input);
        List<Path> files = inputs.stream().map(FileStatus::getPath).toList();
        HadoopFiles.lost(files, path, hadoop).ifPresent(file -> {
            throw new IllegalArgumentException("--output " + output.path() + " holds what " + file
                    + " of the input links to, and --mode overwrite would delete it: give another path");
        });
        Set<FileTraits> read = inputs.stream().map(FileTraits::of).collect(Collectors.toSet());
        HadoopFiles.files(path, hadoop).stream()
                .filter(file -> read.contains(FileTraits.of(file)))
                .findFirst()
                .ifPresent(file -> {
                    throw new IllegalArgumentException("--output " + output.path() + " holds "
                            + file.getPath().getName()
                            + ", a file of the input by its name, length and time, and --mode overwrite would delete it:"
                            + " give another path, or delete that table first if it is a mere copy");
                });
    }

    /** What a file keeps under whatever path it is reached; protocols differ in parts of a second. */
    private record FileTraits(String name, long bytes, long seconds) {
        static FileTraits of(FileStatus file) {
            return new FileTraits(file.getPath().getName(), file.getLen(), file.getModificationTime() / 1000);
        }
    }

    /** Spark would replace whatever is there: a home folder whose name was meant to go on, or a file. */
    private static void requireTable(Path path, OutputOptions output, Configuration hadoop) {
        if (!HadoopFiles.status(path, hadoop).isDirectory()) {
            throw new IllegalArgumentException("--output " + output.path()
                    + " is a file, and a table is a folder: delete it, or give another path");
        }
        TableEntries table = new TableEntries(output.format());
        if (!table.ownLayout()) {
            HadoopFiles.statuses(path, hadoop).stream()
                    .filter(entry -> !table.mayHold(entry.getPath().getName(), entry.isDirectory()))
                    .findFirst()
                    .ifPresent(entry -> {
                        throw new IllegalArgumentException("--output " + output.path() + " holds "
                                + entry.getPath().getName() + (entry.isDirectory() ? "/" : "")
                                + ", which is no part of a " + output.format() + " table"
                                + (output.overwrite() ? ", and would go with all that is there" : "")
                                + ": give another path, or delete the folder if nothing in it is needed");
                    });
        }
    }

    private static IllegalArgumentException exists(String path, boolean whole) {
        return new IllegalArgumentException("--output " + path + " exists"
                + (whole ? "" : ", without " + OutputFolder.MARKER + " (it may be what an interrupted job left)")
                + ": give --mode overwrite to replace it, or another path");
    }
}
