package org.pagedattention.direct;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.api.java.function.VoidFunction;
import org.apache.spark.internal.io.FileCommitProtocol.TaskCommitMessage;
import org.apache.spark.sql.SparkSession;
import org.pagedattention.direct.parquet.TaskFile;

/** Files that tasks write and commit as those of the direct path do, without a GPU. */
public final class CommittedFiles {
    private CommittedFiles() {}

    /**
     * Writes a file with the part's number for each of {@code parts} parts, and reads the output.
     *
     * @param beforeCommit called with the part's number, in its task
     * @return the lines of the output's files
     */
    public static List<String> write(SparkSession spark, Path folder, int parts, VoidFunction<Integer> beforeCommit)
            throws IOException {
        OutputCommit output =
                OutputCommit.of((org.apache.spark.sql.classic.SparkSession) spark, folder.toString(), ".txt");
        output.setupJob(false);
        FlatMapFunction<Iterator<Integer>, TaskCommitMessage> write = numbers -> {
            OutputCommit.TaskCommit part = output.setupTask(TaskContext.get());
            try {
                int number = numbers.next();
                try (TaskFile file = TaskFile.create(part.newFile(), output.hadoop())) {
                    file.write(List.of(ByteBuffer.wrap((number + "\n").getBytes(StandardCharsets.UTF_8))));
                }
                beforeCommit.call(number);
                return List.of(part.commit()).iterator();
            } catch (Exception e) {
                part.abort();
                throw e;
            }
        };
        List<Integer> numbers = IntStream.range(0, parts).boxed().toList();
        output.commitJob(JavaSparkContext.fromSparkContext(spark.sparkContext())
                .parallelize(numbers, parts)
                .mapPartitions(write)
                .collect());
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".txt")).toList()) {
                lines.addAll(Files.readAllLines(file));
            }
        }
        return lines;
    }
}
