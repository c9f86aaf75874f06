package org.pagedattention.direct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
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
        FileCut cut = FileCut.of(spark, files(input), List.of("id", "name", "bits"));
        assertThat(cut.pieces()).hasSizeGreaterThanOrEqualTo(2);
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
    void refusesFilesWithOtherColumns() {
        Path input = folder.resolve("partitioned");
        spark.range(10)
                .withColumn("day", functions.col("id").mod(functions.lit(2)))
                .write()
                .partitionBy("day")
                .parquet(input.toString());
        Dataset<Row> table = spark.read().parquet(input.toString());
        List<String> files = Arrays.asList(table.inputFiles());
        assertThatThrownBy(() -> FileCut.of(spark, files, List.of("id", "day")))
                .isInstanceOf(NotDirectException.class)
                .hasMessageContaining("holds the columns id, the table id, day");
    }

    @Test
    void refusesWhatIsNoParquetFile() throws IOException {
        Path file = Files.writeString(folder.resolve("text"), "twelve bytes and some more");
        assertThatThrownBy(() -> FileCut.of(spark, List.of(file.toString()), List.of("id")))
                .isInstanceOf(NotDirectException.class)
                .hasMessageContaining("does not end like a plain Parquet file");
    }

    private List<Piece> small(Path input) throws IOException {
        List<Piece> pieces = new java.util.ArrayList<>();
        for (String file : files(input)) {
            org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(file);
            pieces.addAll(Footers.pieces(
                    file, Footers.read(path.getFileSystem(spark.sparkContext().hadoopConfiguration()), path), 40_000));
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
