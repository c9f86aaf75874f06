package org.pagedattention.direct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.pagedattention.direct.parquet.FileCut;
import org.pagedattention.direct.parquet.Footers;
import org.pagedattention.direct.parquet.NotDirectException;
import org.pagedattention.direct.parquet.Piece;
import org.pagedattention.direct.parquet.TaskFile;
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
            ByteBuffer image = FileTrips.read(piece, hadoop);
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
        Path file = new Path(folder, "part-0");
        // what a broken-off try left, open as HDFS sees it
        files.create(file).hflush();
        FileTrips.assertKeepsBytes(file, hadoop);
        assertThat(files.getFileBlockLocations(file, 0, FileTrips.BYTES)).hasSize(18);
        Piece beyond = new Piece(file.toString(), 7, FileTrips.BYTES, 1, Piece.UNKNOWN, new byte[3]);
        assertThatThrownBy(() -> FileTrips.read(beyond, hadoop)).isInstanceOf(EOFException.class);
    }

    @Test
    void commitsAllTasksOrNothing() throws IOException {
        String path = folder + "/out";
        OutputCommit first = OutputCommit.of(spark, path, ".txt");
        first.setupJob(false);
        first.commitJob(FileTrips.write(spark, first, List.of("a", "b", "c")));
        assertThat(lines(path)).containsExactlyInAnyOrder("a", "b", "c");
        assertThat(files.exists(new Path(path, "_SUCCESS")))
                .as("which comes once the rows are counted")
                .isFalse();
        OutputCommit second = OutputCommit.of(spark, path, ".txt");
        second.setupJob(true);
        second.commitJob(FileTrips.write(spark, second, List.of("d", "e")));
        assertThat(lines(path)).containsExactlyInAnyOrder("d", "e");
        assertThat(files.exists(new Path(path, "_temporary"))).isFalse();
        OutputCommit broken = OutputCommit.of(spark, folder + "/broken", ".txt");
        broken.setupJob(false);
        assertThatThrownBy(() -> FileTrips.write(spark, broken, List.of("f", "fails")))
                .hasMessageContaining("fails, as it should");
        broken.abortJob();
        assertThat(files.listStatus(new Path(folder, "broken"))).isEmpty();
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
