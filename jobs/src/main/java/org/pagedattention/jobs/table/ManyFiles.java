package org.pagedattention.jobs.table;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.apache.hadoop.fs.FileStatus;

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
     * @throws UncheckedIOException as {@code question} does
     */
    static <T> List<T> ask(List<FileStatus> files, Function<FileStatus, T> question) {
        ExecutorService threads = Executors.newFixedThreadPool(Math.max(1, Math.min(AT_ONCE, files.size())));
        try {
            List<Future<T>> asked = new ArrayList<>();
            for (FileStatus file : files) {
                asked.add(threads.submit(() -> question.apply(file)));
            }
            List<T> answers = new ArrayList<>();
            for (Future<T> answer : asked) {
                answers.add(answer.get());
            }
            return answers;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UncheckedIOException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while files were looked into", e);
        } finally {
            threads.shutdownNow();
        }
    }
}
