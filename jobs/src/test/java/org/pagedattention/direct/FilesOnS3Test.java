package org.pagedattention.direct;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.s3a.S3AFileSystem;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.internal.io.FileCommitProtocol.TaskCommitMessage;
import org.apache.spark.internal.io.cloud.PathOutputCommitProtocol;
import org.apache.spark.sql.classic.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.jobs.S3;

/** What the direct path does to files, where they lie in S3. */
class FilesOnS3Test {
    @RegisterExtension
    static final S3 S3 = new S3();

    private static final String PROTOCOL = "spark.sql.sources.commitProtocolClass";

    private final SparkSession spark = (SparkSession)
            org.apache.spark.sql.SparkSession.builder().master("local[2]").getOrCreate();
    private final Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    private final String folder = S3.newFolder();

    @Test
    void keepsBytesOverTheBoundsOfParts() throws IOException {
        Configuration own = new Configuration(hadoop);
        own.setBoolean("fs.s3a.impl.disable.cache", true);
        own.set("fs.s3a.multipart.size", "5m");
        byte[] bytes = new byte[(17 << 20) + 5];
        new Random(1).nextBytes(bytes);
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(0, bytes);
        Path file = new Path(folder, "part-0");
        try (TaskFile target = TaskFile.create(file, own)) {
            target.write(List.of(direct.slice(0, 3), ByteBuffer.allocate(0), direct.slice(3, 9 << 20)));
            target.write(List.of(direct.slice(3 + (9 << 20), bytes.length - 3 - (9 << 20))));
            assertThat(target.bytes()).isEqualTo(bytes.length);
        }
        byte[] footer = {1, 2, 3};
        Piece piece = new Piece(file.toString(), 7, bytes.length - 20, 1, Piece.UNKNOWN, footer);
        ByteBuffer image = ByteBuffer.allocateDirect((int) piece.imageBytes());
        new PieceReader(own).fill(piece, (offset, limit) -> image.slice((int) offset, (int) limit));
        assertThat(image.slice(4, bytes.length - 20)).isEqualTo(ByteBuffer.wrap(bytes, 7, bytes.length - 20));
        assertThat(image.slice(4 + bytes.length - 20, 3)).isEqualTo(ByteBuffer.wrap(footer));
    }

    /** Spark takes the magic one by itself where it finds it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void commitsAllTasks(boolean magic) throws IOException {
        String usual = spark.conf().get(PROTOCOL);
        spark.conf().set(PROTOCOL, magic ? PathOutputCommitProtocol.class.getName() : usual);
        spark.conf().set("fs.s3a.committer.name", magic ? "magic" : "file");
        try {
            commitTwice(magic);
        } finally {
            spark.conf().set(PROTOCOL, usual);
            spark.conf().unset("fs.s3a.committer.name");
        }
    }

    private void commitTwice(boolean magic) throws IOException {
        try (S3AFileSystem files = S3.newClient()) {
            for (boolean overwrite : new boolean[] {false, true}) {
                OutputCommit commit = OutputCommit.of(spark, folder + "/out", ".txt");
                commit.setupJob(overwrite);
                commit.commitJob(tasks(commit, List.of("a", "b", "c")));
                assertThat(Arrays.stream(files.listStatus(new Path(folder, "out")))
                                .map(file -> file.getPath().getName()))
                        .hasSize(4)
                        .contains("_SUCCESS");
                Path success = new Path(folder, "out/_SUCCESS");
                // the magic committer writes into it what it did
                assertThat(files.getFileStatus(success).getLen() > 0).isEqualTo(magic);
            }
        }
    }

    /** Each text goes into a file of a task of its own. */
    private List<TaskCommitMessage> tasks(OutputCommit output, List<String> texts) {
        FlatMapFunction<Iterator<String>, TaskCommitMessage> write = part -> {
            OutputCommit.TaskCommit commit = output.setupTask(TaskContext.get());
            try (TaskFile file = TaskFile.create(commit.newFile(), output.hadoop())) {
                file.write(List.of(ByteBuffer.wrap(part.next().getBytes(StandardCharsets.UTF_8))));
            }
            return List.of(commit.commit()).iterator();
        };
        return JavaSparkContext.fromSparkContext(spark.sparkContext())
                .parallelize(texts, texts.size())
                .mapPartitions(write)
                .collect();
    }
}
