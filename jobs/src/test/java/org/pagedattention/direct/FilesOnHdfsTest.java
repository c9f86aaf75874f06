package org.pagedattention.direct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.internal.io.FileCommitProtocol.TaskCommitMessage;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.pagedattention.jobs.Hdfs;

/** What the direct path does to files, where they lie in HDFS. */
class FilesOnHdfsTest {
    @RegisterExtension
    static final Hdfs HDFS = new Hdfs();

    private final SparkSession spark = (SparkSession)
            org.apache.spark.sql.SparkSession.builder().master("local[2]").getOrCreate();
    private String folder;
    private DistributedFileSystem files;

    @BeforeEach
    void connect() throws IOException {
        folder = HDFS.newFolder();
        files = HDFS.newClient();
    }

    @AfterEach
    void disconnect() throws IOException {
        files.close();
    }

    @Test
    void cutsReadsAndWritesParquetFiles() throws IOException {
        Dataset<Row> table =
                spark.range(20_000).withColumn("name", functions.concat(functions.lit("n"), functions.col("id")));
        table.coalesce(1)
                .write()
                .option("parquet.block.size", 20_000)
                .option("parquet.page.size", 4_000)
                .parquet(folder + "/in");
        List<String> input = Arrays.asList(spark.read().parquet(folder + "/in").inputFiles());
        assertThat(FileCut.of(spark, input, List.of("id", "name"), Optional::empty)
                        .pieces())
                .extracting(Piece::path)
                .hasSameElementsAs(input);
        Path file = new Path(input.get(0));
        List<Piece> pieces = Footers.pieces(input.get(0), Footers.read(files, file), 40_000);
        assertThat(pieces).hasSizeGreaterThan(2);
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        for (Piece piece : pieces) {
            ByteBuffer image = read(piece, hadoop);
            try (TaskFile target = TaskFile.create(new Path(folder, "out/" + piece.start() + ".parquet"), hadoop)) {
                target.write(List.of(image));
            }
        }
        Dataset<Row> back = spark.read().parquet(folder + "/out");
        assertThat(back.count()).isEqualTo(20_000);
        assertThat(back.except(table).count()).isZero();
    }

    @Test
    void refusesWhatIsNoParquetFile() throws IOException {
        Path file = new Path(folder, "text");
        try (var out = files.create(file)) {
            out.writeBytes("twelve bytes and some more");
        }
        assertThatThrownBy(() -> Footers.read(files, file))
                .isInstanceOf(NotDirectException.class)
                .hasMessageContaining("does not end like a plain Parquet file");
    }

    @Test
    void keepsBytesOverTheBoundsOfBlocksAndChunks() throws IOException {
        Configuration hadoop = new Configuration();
        hadoop.setBoolean("fs.hdfs.impl.disable.cache", true);
        hadoop.set("dfs.blocksize", "1m");
        byte[] bytes = new byte[(17 << 20) + 5];
        new Random(1).nextBytes(bytes);
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(0, bytes);
        Path file = new Path(folder, "part-0");
        // what a broken-off try left, open as HDFS sees it
        files.create(file).hflush();
        try (TaskFile target = TaskFile.create(file, hadoop)) {
            target.write(List.of(direct.slice(0, 3), ByteBuffer.allocate(0), direct.slice(3, 9 << 20)));
            target.write(List.of(direct.slice(3 + (9 << 20), bytes.length - 3 - (9 << 20))));
            assertThat(target.bytes()).isEqualTo(bytes.length);
        }
        assertThat(files.getFileBlockLocations(file, 0, bytes.length)).hasSize(18);
        byte[] footer = {1, 2, 3};
        Piece piece = new Piece(file.toString(), 7, bytes.length - 20, 1, Piece.UNKNOWN, footer);
        ByteBuffer image = read(piece, hadoop);
        assertThat(image.slice(0, 4)).isEqualTo(ByteBuffer.wrap(Piece.MAGIC));
        assertThat(image.slice(4, bytes.length - 20)).isEqualTo(ByteBuffer.wrap(bytes, 7, bytes.length - 20));
        assertThat(image.slice(4 + bytes.length - 20, 3)).isEqualTo(ByteBuffer.wrap(footer));
        Piece beyond = new Piece(file.toString(), 7, bytes.length, 1, Piece.UNKNOWN, footer);
        assertThatThrownBy(() -> read(beyond, hadoop)).isInstanceOf(java.io.EOFException.class);
    }

    private static ByteBuffer read(Piece piece, Configuration hadoop) throws IOException {
        ByteBuffer image = ByteBuffer.allocateDirect((int) piece.imageBytes());
        new PieceReader(hadoop).fill(piece, (offset, limit) -> image.slice((int) offset, (int) limit));
        return image;
    }

    @Test
    void commitsAllTasksOrNothing() throws IOException {
        String path = folder + "/out";
        OutputCommit first = OutputCommit.of(spark, path, ".txt");
        first.setupJob(false);
        first.commitJob(tasks(first, List.of("a", "b", "c")));
        assertThat(lines(path)).containsExactlyInAnyOrder("a", "b", "c");
        assertThat(files.exists(new Path(path, "_SUCCESS"))).isTrue();
        OutputCommit second = OutputCommit.of(spark, path, ".txt");
        second.setupJob(true);
        second.commitJob(tasks(second, List.of("d", "e")));
        assertThat(lines(path)).containsExactlyInAnyOrder("d", "e");
        assertThat(files.exists(new Path(path, "_temporary"))).isFalse();
        OutputCommit broken = OutputCommit.of(spark, folder + "/broken", ".txt");
        broken.setupJob(false);
        assertThatThrownBy(() -> tasks(broken, List.of("f", "fails"))).hasMessageContaining("fails, as it should");
        broken.abortJob();
        assertThat(files.listStatus(new Path(folder, "broken"))).isEmpty();
    }

    /** Each text goes into a file of a task of its own. */
    private List<TaskCommitMessage> tasks(OutputCommit output, List<String> texts) {
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

    private List<String> lines(String path) throws IOException {
        List<String> lines = new ArrayList<>();
        for (FileStatus file :
                files.listStatus(new Path(path), name -> name.getName().endsWith(".txt"))) {
            try (var in = files.open(file.getPath())) {
                lines.add(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return lines;
    }
}
