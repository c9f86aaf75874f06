package org.pagedattention.jobs.table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Function;
import org.apache.hadoop.fs.FileStatus;
import org.pagedattention.files.Parallel;

/**
 * Looks into many files at a time, on the driver. A Spark job that does so first has to be planned, sent and scheduled,
 * which takes longer where files are few.
 */
final class ManyFiles {
    /** Of more files, a cluster reads the footers faster. */
    static final int MOST = 512;

    /** They mostly wait for a disk or a server. */
    private static final int AT_ONCE = 32;

    private ManyFiles() {}

    /**
     * What {@code question} answers of each file, in the files' order.
     *
     * @throws RuntimeException as {@code question} does
     */
    static <T> List<T> ask(List<FileStatus> files, Function<FileStatus, T> question) {
        try {
            return Parallel.map(files, AT_ONCE, question::apply);
        } catch (IOException e) { // when this thread is interrupted
            throw new UncheckedIOException(e);
        }
    }
}
