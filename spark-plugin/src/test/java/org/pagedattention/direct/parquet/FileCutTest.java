package org.pagedattention.direct.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.parquet.format.AesGcmV1;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.EncryptionAlgorithm;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Type;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pagedattention.scoring.LocalSpark;

class FileCutTest {
    private final SparkSession spark = (SparkSession) LocalSpark.SESSION;

    @TempDir
    private Path folder;

    @Test
    void cutsFilesIntoPiecesThatAreParquetFilesThemselves() throws IOException {
        Dataset<Row> table = spark.range(20_000)
                .withColumn("name", functions.concat(functions.lit("n"), functions.col("id")))
                .withColumn("bits", functions.encode(functions.col("name"), "UTF-8"));
        Path input = folder.resolve("in");
        table.repartition(2)
                .write()
                .option("parquet.block.size", 20_000)
                .option("parquet.page.size", 4_000)
                .parquet(input.toString());
        FileCut cut = FileCut.of(spark, files(input), List.of("id", "name", "bits"), Optional::empty);
        assertThat(cut.pieces()).hasSizeGreaterThanOrEqualTo(2);
        assertThat(cut.rows()).isEqualTo(20_000);
        List<Piece> small = small(input);
        assertThat(small).hasSizeGreaterThan(4);
        assertThat(small.stream().mapToLong(Piece::rows).sum()).isEqualTo(20_000);
        Path images = Files.createDirectory(folder.resolve("images"));
        for (int i = 0; i < small.size(); i++) {
            write(small.get(i), images.resolve("piece-" + i + ".parquet"));
        }
        Dataset<Row> back = spark.read().schema(table.schema()).parquet(images.toString());
        assertThat(back.count()).isEqualTo(20_000);
        assertThat(back.except(table).count()).isZero();
        assertThat(table.except(back).count()).isZero();
    }

    @Test
    void cutsAFileIntoPiecesOfAboutTheSameSize() throws IOException {
        Path input = folder.resolve("even");
        spark.range(0, 30_000, 1, 1)
                .withColumn(
                        "bits",
                        functions.encode(functions.sha2(functions.col("id").cast("string"), 512), "UTF-8"))
                .write()
                .option("parquet.block.size", 100_000)
                .option("parquet.page.size", 10_000)
                .parquet(input.toString());
        List<Piece> pieces = pieces(input, 500_000);
        long bytes = pieces.stream().mapToLong(Piece::bytes).sum();
        assertThat(pieces).hasSize((int) ((bytes + 499_999) / 500_000)).hasSizeGreaterThan(2);
        assertThat(pieces.stream().mapToLong(Piece::rows).sum()).isEqualTo(30_000);
        long largest = pieces.stream().mapToLong(Piece::bytes).max().orElseThrow();
        long smallest = pieces.stream().mapToLong(Piece::bytes).min().orElseThrow();
        assertThat(largest).isLessThan(2 * smallest).isLessThan(600_000);
    }

    @Test
    void knowsWhatColumnsComeToUnlessADictionaryHidesIt() throws IOException {
        Path input = folder.resolve("sizes");
        Dataset<Row> table = spark.range(0, 1000, 1, 1)
                .withColumn("bits", functions.encode(functions.repeat(functions.lit("x"), 10_000), "UTF-8"));
        table.write().option("parquet.enable.dictionary", false).parquet(input.toString());
        assertThat(small(input))
                .allSatisfy(piece ->
                        assertThat(piece.plainBytes()).isBetween(10_000 * piece.rows(), 10_100 * piece.rows()));
        for (String version : List.of("v1", "v2")) {
            for (boolean dictionary : new boolean[] {true, false}) {
                table.write()
                        .mode("overwrite")
                        .option("parquet.writer.version", version)
                        .option("parquet.enable.dictionary", dictionary)
                        .parquet(input.toString());
                // equal values, or beginnings of values, are written once; what all come to is at most said in
                // statistics
                assertThat(small(input))
                        .allSatisfy(piece -> assertThat(piece.plainBytes())
                                .as(version + ", dictionary " + dictionary)
                                .isGreaterThanOrEqualTo(10_000 * piece.rows()));
            }
        }
    }

    @Test
    void aLargeRowGroupMakesNoSmallPiecesOfTheRest() throws IOException {
        FileMetaData footer = new FileMetaData(1, List.of(new SchemaElement("schema")), 0, new ArrayList<>());
        long start = 4;
        for (int i = 0; i < 41; i++) {
            long bytes = (i == 0 ? 1024L : 10L) << 20;
            ColumnMetaData data = new ColumnMetaData(
                    Type.INT64,
                    List.of(Encoding.PLAIN),
                    List.of("id"),
                    CompressionCodec.UNCOMPRESSED,
                    1,
                    bytes,
                    bytes,
                    start);
            ColumnChunk chunk = new ColumnChunk(0);
            chunk.setMeta_data(data);
            footer.addToRow_groups(new RowGroup(new ArrayList<>(List.of(chunk)), bytes, 1));
            start += bytes;
        }
        assertThat(Footers.pieces("x", footer, 128L << 20).stream().map(piece -> piece.bytes() >> 20))
                .containsExactly(1024L, 120L, 120L, 120L, 40L);
    }

    @Test
    void refusesFilesWithOtherColumns() {
        Path input = folder.resolve("partitioned");
        spark.range(10)
                .withColumn("day", functions.col("id").mod(functions.lit(2)))
                .write()
                .partitionBy("day")
                .parquet(input.toString());
        Dataset<Row> table = spark.read().parquet(input.toString());
        List<String> files = Arrays.asList(table.inputFiles());
        assertThatThrownBy(() -> FileCut.of(spark, files, List.of("id", "day"), Optional::empty))
                .isInstanceOf(NotDirectException.class)
                .hasMessageContaining("holds the columns id, the table id, day");
    }

    @Test
    void refusesWhatIsNoParquetFile() throws IOException {
        Path file = Files.writeString(folder.resolve("text"), "twelve bytes and some more");
        assertThatThrownBy(() -> FileCut.of(spark, List.of(file.toString()), List.of("id"), Optional::empty))
                .isInstanceOf(NotDirectException.class)
                .hasMessageContaining("does not end like a plain Parquet file");
    }

    @Test
    void refusesACodecThatNobodyTriedOnAGpu() {
        Path input = folder.resolve("lz4");
        spark.range(10).write().option("compression", "lz4_raw").parquet(input.toString());
        List<String> files = files(input);
        assertThatThrownBy(() -> FileCut.of(spark, files, List.of("id"), Optional::empty))
                .isInstanceOf(NotDirectException.class)
                .hasMessageContaining("is compressed by LZ4_RAW, and only UNCOMPRESSED, SNAPPY, GZIP, BROTLI, ZSTD");
    }

    @Test
    void refusesEncryptedColumnsBehindAPlainFooter() throws IOException {
        Path input = folder.resolve("plain");
        spark.range(10).write().parquet(input.toString());
        org.apache.hadoop.fs.Path plain =
                new org.apache.hadoop.fs.Path(files(input).get(0));
        FileMetaData footer =
                Footers.read(plain.getFileSystem(spark.sparkContext().hadoopConfiguration()), plain);
        footer.setEncryption_algorithm(EncryptionAlgorithm.AES_GCM_V1(new AesGcmV1()));
        Path file = folder.resolve("encrypted.parquet");
        Files.write(file, Files.readAllBytes(Path.of(plain.toUri().getPath())));
        Files.write(file, Footers.encode(footer), StandardOpenOption.APPEND);
        assertThatThrownBy(() -> FileCut.of(spark, List.of(file.toString()), List.of("id"), Optional::empty))
                .isInstanceOf(NotDirectException.class)
                .hasMessageContaining("encrypted.parquet is encrypted");
    }

    @Test
    void leavesTablesThatAreToBeEncryptedToSparksWriter() {
        Path input = folder.resolve("secret");
        spark.range(10).write().parquet(input.toString());
        List<String> files = files(input);
        spark.conf().set("parquet.crypto.factory.class", "org.example.Keys");
        try {
            assertThatThrownBy(() -> FileCut.of(spark, files, List.of("id"), Optional::empty))
                    .isInstanceOf(NotDirectException.class)
                    .hasMessageContaining("parquet.crypto.factory.class is org.example.Keys");
        } finally {
            spark.conf().unset("parquet.crypto.factory.class");
        }
    }

    @Test
    void letsNoOutputReplaceItsInput() {
        Path input = folder.resolve("own");
        spark.range(10).write().parquet(input.toString());
        FileCut cut = FileCut.of(spark, files(input), List.of("id"), Optional::empty);
        for (Path output : List.of(input, folder)) {
            assertThatThrownBy(() -> cut.requireOutside(qualified(output), new Configuration()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("cannot overwrite file:" + output + ", which holds ");
        }
        assertThatCode(() -> cut.requireOutside(qualified(folder.resolve("other")), new Configuration()))
                .doesNotThrowAnyException();
    }

    private org.apache.hadoop.fs.Path qualified(Path path) throws IOException {
        org.apache.hadoop.fs.Path folder = new org.apache.hadoop.fs.Path(path.toString());
        return folder.getFileSystem(spark.sparkContext().hadoopConfiguration()).makeQualified(folder);
    }

    @Test
    void saysWhatExecutorsLack() {
        Path input = folder.resolve("lacking");
        spark.range(10).write().parquet(input.toString());
        List<String> files =
                Arrays.asList(spark.read().parquet(input.toString()).inputFiles());
        assertThatThrownBy(() -> FileCut.of(spark, files, List.of("id"), () -> Optional.of("no GPU here")))
                .isInstanceOf(NotDirectException.class)
                .hasMessage("no GPU here");
    }

    @Test
    void readsAndWritesThroughHadoopsFileSystems() throws IOException {
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        hadoop.set("fs.remote.impl", RemoteFiles.class.getName());
        Dataset<Row> table =
                spark.range(5000).withColumn("half", functions.col("id").divide(2));
        Path input = folder.resolve("remote-in");
        table.coalesce(1).write().option("compression", "zstd").parquet(input.toString());
        String file = files(input).get(0).replaceFirst("^file:", "remote:");
        FileCut cut = FileCut.of(spark, List.of(file), List.of("id", "half"), Optional::empty);
        Piece piece = cut.pieces().get(0);
        assertThat(piece.path()).startsWith("remote:");
        ByteBuffer image = ByteBuffer.allocate((int) piece.imageBytes());
        new PieceReader(hadoop).fill(piece, (offset, limit) -> image.slice((int) offset, (int) limit));
        Path output = folder.resolve("remote-out.parquet");
        try (TaskFile target = TaskFile.create(new org.apache.hadoop.fs.Path("remote:" + output), hadoop)) {
            target.write(List.of(image.slice(0, 10), image.slice(10, image.capacity() - 10)));
            assertThat(target.bytes()).isEqualTo(piece.imageBytes());
        }
        assertThat(RemoteFiles.OPENED.get()).isGreaterThanOrEqualTo(2);
        assertThat(spark.read().parquet(output.toString()).except(table).count())
                .isZero();
        assertThat(spark.read().parquet(output.toString()).count()).isEqualTo(5000);
    }

    /** Files of this machine by another scheme, as those of HDFS or S3A look to us. */
    public static final class RemoteFiles extends RawLocalFileSystem {
        static final AtomicInteger OPENED = new AtomicInteger();

        @Override
        public URI getUri() {
            return URI.create("remote:///");
        }

        @Override
        public String getScheme() {
            return "remote";
        }

        @Override
        public FSDataInputStream open(org.apache.hadoop.fs.Path path, int buffer) throws IOException {
            OPENED.incrementAndGet();
            return super.open(path, buffer);
        }
    }

    private List<Piece> small(Path input) throws IOException {
        return pieces(input, 40_000);
    }

    private List<Piece> pieces(Path input, long maxBytes) throws IOException {
        List<Piece> pieces = new java.util.ArrayList<>();
        for (String file : files(input)) {
            org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(file);
            pieces.addAll(Footers.pieces(
                    file,
                    Footers.read(path.getFileSystem(spark.sparkContext().hadoopConfiguration()), path),
                    maxBytes));
        }
        return pieces;
    }

    private List<String> files(Path input) {
        return Arrays.asList(spark.read().parquet(input.toString()).inputFiles());
    }

    /** What the reader brings into host memory, as a file. */
    private static void write(Piece piece, Path target) throws IOException {
        byte[] file = Files.readAllBytes(Path.of(java.net.URI.create(piece.path())));
        Files.write(target, Piece.MAGIC, StandardOpenOption.CREATE);
        Files.write(
                target,
                Arrays.copyOfRange(file, (int) piece.start(), (int) (piece.start() + piece.bytes())),
                StandardOpenOption.APPEND);
        Files.write(target, piece.footer(), StandardOpenOption.APPEND);
        assertThat(Files.size(target)).isEqualTo(piece.imageBytes());
    }
}
