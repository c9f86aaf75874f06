package org.pagedattention.jobs.table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.OptionalLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.pagedattention.scoring.input.InputFiles;

/** Counts the rows of Parquet files by their footers, on the driver. */
public final class ParquetRows {
    private ParquetRows() {}

    /**
     * Rows of a table of Parquet files; empty where there are so many that their footers would take a job of their own,
     * and where one of them has none that can be read.
     */
    public static OptionalLong known(Dataset<Row> table) {
        Configuration hadoop = table.sparkSession().sparkContext().hadoopConfiguration();
        List<FileStatus> files = InputFiles.of(table);
        if (files.isEmpty() || files.size() > ManyFiles.MOST) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(of(files, hadoop));
        } catch (UncheckedIOException e) {
            // whoever reads the rows will say so
            return OptionalLong.empty();
        }
    }

    /**
     * Rows of all {@code files} together.
     *
     * @throws UncheckedIOException naming a file that cannot be read
     */
    static long of(List<FileStatus> files, Configuration hadoop) {
        return ManyFiles.ask(files, file -> of(file, hadoop)).stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    private static long of(FileStatus file, Configuration hadoop) {
        try (ParquetFileReader reader = ParquetFileReader.open(
                HadoopInputFile.fromStatus(file, hadoop),
                HadoopReadOptions.builder(hadoop, file.getPath()).build())) {
            return reader.getRecordCount();
        } catch (IOException e) {
            throw unreadable(file, e);
        } catch (RuntimeException e) {
            // so Parquet says that a file is none of its own
            throw unreadable(file, new IOException(e.getMessage(), e));
        }
    }

    private static UncheckedIOException unreadable(FileStatus file, IOException cause) {
        return new UncheckedIOException(
                "cannot count the rows of " + file.getPath() + ": " + cause.getMessage(), cause);
    }
}
