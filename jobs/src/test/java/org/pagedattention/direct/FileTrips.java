package org.pagedattention.direct;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.internal.io.FileCommitProtocol.TaskCommitMessage;
import org.apache.spark.sql.classic.SparkSession;
import org.pagedattention.direct.parquet.Piece;
import org.pagedattention.direct.parquet.PieceReader;
import org.pagedattention.direct.parquet.TaskFile;

/** Files on their way to another file system and back, as the direct path writes and reads them. */
final class FileTrips {
    /** Beyond blocks, parts and chunks of a few MiB. */
    static final int BYTES = (17 << 20) + 5;

    private FileTrips() {}

    /** Writes bytes in several goes and reads them as a piece. */
    static void assertKeepsBytes(Path file, Configuration hadoop) throws IOException {
        byte[] bytes = new byte[BYTES];
        new Random(1).nextBytes(bytes);
        ByteBuffer direct = ByteBuffer.allocateDirect(BYTES).put(0, bytes);
        try (TaskFile target = TaskFile.create(file, hadoop)) {
            target.write(List.of(direct.slice(0, 3), ByteBuffer.allocate(0), direct.slice(3, 9 << 20)));
            target.write(List.of(direct.slice(3 + (9 << 20), BYTES - 3 - (9 << 20))));
            assertThat(target.bytes()).isEqualTo(BYTES);
        }
        byte[] footer = {1, 2, 3};
        ByteBuffer image = read(new Piece(file.toString(), 7, BYTES - 20, 1, Piece.UNKNOWN, footer), hadoop);
        assertThat(image.slice(0, 4)).isEqualTo(Piece.magic());
        assertThat(image.slice(4, BYTES - 20)).isEqualTo(ByteBuffer.wrap(bytes, 7, BYTES - 20));
        assertThat(image.slice(4 + BYTES - 20, 3)).isEqualTo(ByteBuffer.wrap(footer));
    }

    static ByteBuffer read(Piece piece, Configuration hadoop) throws IOException {
        ByteBuffer image = ByteBuffer.allocateDirect((int) piece.imageBytes());
        new PieceReader(hadoop).fill(piece, (offset, limit) -> image.slice((int) offset, (int) limit));
        return image;
    }

    /** Each text goes into a file of a task of its own; "fails" fails there. */
    static List<TaskCommitMessage> write(SparkSession spark, OutputCommit output, List<String> texts) {
        FlatMapFunction<Iterator<String>, TaskCommitMessage> write = part -> {
            OutputCommit.TaskCommit commit = output.setupTask(TaskContext.get());
            try (TaskFile file = TaskFile.create(commit.newFile(), output.hadoop())) {
                String text = part.next();
                file.write(List.of(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))));
                if (text.equals("fails")) {
                    throw new IOException("fails, as it should");
                }
            } catch (IOException e) {
                commit.abort();
                throw e;
            }
            return List.of(commit.commit()).iterator();
        };
        return JavaSparkContext.fromSparkContext(spark.sparkContext())
                .parallelize(texts, texts.size())
                .mapPartitions(write)
                .collect();
    }
}
