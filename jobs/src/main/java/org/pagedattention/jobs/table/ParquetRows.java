package org.pagedattention.jobs.table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;

/**
 * Counts the rows of Parquet files by their footers, many files at a time, on the driver. A Spark job that does so first
 * has to be planned, sent and scheduled, which takes longer where files are few.
 */
final class ParquetRows {
    /** Of more files, a cluster reads the footers faster. */
    static final int MOST_FILES = 512;

    /** They mostly wait for a disk or a server. */
    private static final int AT_ONCE = 32;

    private ParquetRows() {}

    /**
     * Rows of all {@code files} together.
     *
     * @throws UncheckedIOException naming a file that cannot be read
     */
    static long of(List<FileStatus> files, Configuration hadoop) {
        ExecutorService threads = Executors.newFixedThreadPool(Math.max(1, Math.min(AT_ONCE, files.size())));
        try {
            List<Future<Long>> counts = new ArrayList<>();
            for (FileStatus file : files) {
                counts.add(threads.submit(() -> of(file, hadoop)));
            }
            long rows = 0;
            for (Future<Long> count : counts) {
                rows += count.get();
            }
            return rows;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UncheckedIOException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while rows were counted", e);
        } finally {
            threads.shutdownNow();
        }
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
