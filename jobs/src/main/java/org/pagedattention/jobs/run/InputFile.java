package org.pagedattention.jobs.run;

import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.pagedattention.jobs.table.HadoopFiles;
import org.pagedattention.scoring.input.InputFiles;

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
    public static List<InputFile> of(Dataset<Row> table) {
        List<FileStatus> files = InputFiles.of(table);
        if (files.isEmpty()) {
            throw new IllegalArgumentException(
                    "--resume skips input files that are done, but this input does not consist of files: leave it out");
        }
        return files.stream()
                .map(InputFile::of)
                .sorted(Comparator.comparing(InputFile::path))
                .toList();
    }

    public static InputFile of(Path file, Configuration hadoop) {
        return of(HadoopFiles.status(file, hadoop));
    }

    static InputFile of(FileStatus status) {
        return new InputFile(status.getPath().toString(), status.getLen(), status.getModificationTime());
    }
}
