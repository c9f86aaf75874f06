package org.pagedattention.jobs.table;

import java.net.URI;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * One file of a table, as it was when it was listed.
 *
 * @param path where it is
 * @param bytes its length
 * @param modified when it was written, in milliseconds
 */
public record InputFile(String path, long bytes, long modified) {

    /**
     * The files of a table, by name.
     *
     * @throws IllegalArgumentException when the table does not consist of files
     */
    public static List<InputFile> of(Dataset<Row> table, Configuration hadoop) {
        String[] files = table.inputFiles();
        if (files.length == 0) {
            throw new IllegalArgumentException(
                    "--resume skips input files that are done, but this input does not consist of files: leave it out");
        }
        return Arrays.stream(files)
                .map(file -> of(new Path(URI.create(file)), hadoop))
                .sorted(Comparator.comparing(InputFile::path))
                .toList();
    }

    public static InputFile of(Path file, Configuration hadoop) {
        FileStatus status = HadoopFiles.status(file, hadoop);
        return new InputFile(status.getPath().toString(), status.getLen(), status.getModificationTime());
    }
}
