package org.pagedattention.direct.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.VersionParser;
import org.apache.parquet.VersionParser.ParsedVersion;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.columns.ColumnJob;
import org.pagedattention.columns.ColumnJob.Column;
import org.pagedattention.columns.ColumnJob.Kind;
import org.pagedattention.columns.EncodedFile.Values;
import org.pagedattention.columns.HostBytes;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.scoring.LocalSpark;
import org.pagedattention.tensor.ElementType;

/** What cuDF encodes is played by Parquet files that Spark wrote. */
class AssembledFileTest {
    private static final int UNIT = 6;
    private static final HostBytes NOTHING = bytes(new byte[0]);

    private final SparkSession spark = (SparkSession) LocalSpark.SESSION;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"uncompressed", "snappy", "gzip", "zstd", "lz4_raw"})
    void putsTheOutputAmongTheOtherColumns(String codec) throws IOException {
        Dataset<Row> table = table();
        byte[][] values = values(table.count());
        Path file = folder.resolve("out.parquet");
        try (TaskFile target = target(file);
                AssembledFile parquet =
                        new AssembledFile(target, job(codec, List.of("id", "name")), new Configuration())) {
            append(parquet, table, values, 0, 1000);
            append(parquet, table, values, 1000, 1001);
            append(parquet, table, values, 1001, 3000);
            parquet.finish();
            assertThat(target.bytes()).isEqualTo(Files.size(file));
        }
        Dataset<Row> back = spark.read().parquet(file.toString());
        assertThat(back.columns()).containsExactly("id", "name", "o", "pooled");
        List<Row> rows = back.orderBy("id").collectAsList();
        assertThat(rows).hasSize(3000);
        for (int i = 0; i < rows.size(); i++) {
            assertThat(rows.get(i).<byte[]>getAs("o")).isEqualTo(values[i]);
        }
        assertThat(back.drop("o").except(table).count()).isZero();
        ParquetMetadata footer = footer(file);
        assertThat(footer.getFileMetaData().getKeyValueMetaData()).containsEntry("key", "value");
        assertThat(footer.getBlocks()).extracting(BlockMetaData::getRowCount).containsExactly(1000L, 1L, 1999L);
        assertThat(footer.getBlocks().get(0).getColumns().get(2).getEncodings()).contains(Encoding.PLAIN);
        assertThat(footer.getBlocks())
                .flatExtracting(BlockMetaData::getColumns)
                .allMatch(column -> column.getCodec() == CompressionCodecName.fromConf(codec));
    }

    @Test
    void letsReadersUseTheColumnsStatistics() throws Exception {
        Dataset<Row> table = table();
        Path file = folder.resolve("statistics.parquet");
        try (TaskFile target = target(file);
                AssembledFile parquet =
                        new AssembledFile(target, job("uncompressed", List.of("id", "name")), new Configuration())) {
            append(parquet, table, values(3000), 0, 1000);
            append(parquet, table, values(3000), 1000, 3000);
            parquet.finish();
        }
        ParquetMetadata footer = footer(file);
        ParsedVersion writer = VersionParser.parse(footer.getFileMetaData().getCreatedBy());
        assertThat(writer.application).isEqualTo("paged-attention-spark");
        assertThat(writer.version).as("which the build fills in").matches("\\d+\\.\\d+\\.\\d+(-\\S+)?");
        assertThat(writer.appBuildHash).contains("Spark");
        // the lengths of strings and the order of their bytes are what readers distrust in unknown writers
        assertThat(footer.getBlocks())
                .extracting(block -> statistics(block, 0) + "; " + statistics(block, 1))
                .containsExactly(
                        "0 to 999, 0 nulls; n0 to n999, 0 nulls", "1000 to 2999, 0 nulls; n1000 to n2999, 0 nulls");
    }

    private static String statistics(BlockMetaData block, int column) {
        Statistics<?> statistics = block.getColumns().get(column).getStatistics();
        return text(statistics.genericGetMin()) + " to " + text(statistics.genericGetMax()) + ", "
                + statistics.getNumNulls() + " nulls";
    }

    private static String text(Object value) {
        return value instanceof Binary bytes ? bytes.toStringUsingUTF8() : value.toString();
    }

    @Test
    void makesAFileOfTheOutputAlone() throws IOException {
        byte[][] values = values(50);
        Path file = folder.resolve("alone.parquet");
        try (TaskFile target = target(file);
                AssembledFile parquet =
                        new AssembledFile(target, job("uncompressed", List.of()), new Configuration())) {
            parquet.append(50, NOTHING, output(values));
            parquet.append(50, NOTHING, output(values));
            parquet.finish();
        }
        Dataset<Row> back = spark.read().parquet(file.toString());
        assertThat(back.columns()).containsExactly("o");
        List<byte[]> read =
                back.collectAsList().stream().map(row -> row.<byte[]>getAs(0)).toList();
        assertThat(read).hasSize(100).startsWith(values).endsWith(values);
    }

    @Test
    void fillsNoPageWithoutEndWhereValuesAreEmpty() throws IOException {
        int rows = 600_000;
        Path file = folder.resolve("empty.parquet");
        try (TaskFile target = target(file);
                AssembledFile parquet = new AssembledFile(target, job("snappy", List.of()), new Configuration())) {
            parquet.append(rows, NOTHING, new Values(NOTHING, new int[rows + 1], UNIT));
            parquet.finish();
        }
        assertThat(spark.read().parquet(file.toString()).where("length(o) = 0").count())
                .isEqualTo(rows);
        try (ParquetFileReader reader = ParquetFileReader.open(
                HadoopInputFile.fromPath(new org.apache.hadoop.fs.Path(file.toUri()), new Configuration()))) {
            PageReadStore group = reader.readNextRowGroup();
            PageReader pages = group.getPageReader(
                    reader.getFileMetaData().getSchema().getColumns().get(0));
            assertThat(pages.readPage().getUncompressedSize()).isLessThan((1 << 20) + 100);
        }
    }

    @Test
    void writesTheOutputFirstWhereItIsTheFirstColumn() throws IOException {
        // readers find a row group by its first column: what lies before it would count for the group before
        Dataset<Row> pooled = table().select("pooled");
        byte[][] values = values(3000);
        Path file = folder.resolve("first.parquet");
        try (TaskFile target = target(file);
                AssembledFile parquet =
                        new AssembledFile(target, job("uncompressed", List.of()), new Configuration())) {
            for (int part = 0; part < 3; part++) {
                parquet.append(
                        1000,
                        encoded(table().where("id >= " + 1000 * part + " and id < " + 1000 * (part + 1))
                                .select("pooled")),
                        output(java.util.Arrays.copyOfRange(values, 1000 * part, 1000 * (part + 1))));
            }
            parquet.finish();
        }
        for (BlockMetaData block : footer(file).getBlocks()) {
            assertThat(block.getColumns().get(0).getStartingPos()).isEqualTo(block.getStartingPos());
            assertThat(block.getColumns().get(0).getStartingPos())
                    .isLessThan(block.getColumns().get(1).getStartingPos());
        }
        spark.conf().set("spark.sql.files.maxPartitionBytes", "4096");
        try {
            Dataset<Row> back = spark.read().parquet(file.toString());
            assertThat(back.rdd().getNumPartitions()).isGreaterThan(3);
            assertThat(back.count()).isEqualTo(3000);
            assertThat(back.select("pooled").except(pooled).count()).isZero();
        } finally {
            spark.conf().unset("spark.sql.files.maxPartitionBytes");
        }
    }

    @Test
    void keepsColumnsAsTheyAreWhereNoOutputIsWanted() throws IOException {
        Dataset<Row> table = table();
        Path file = folder.resolve("plain.parquet");
        try (TaskFile target = target(file);
                AssembledFile parquet =
                        new AssembledFile(target, job("uncompressed", List.of("id")), new Configuration())) {
            parquet.append(3000, encoded(table), null);
            parquet.finish();
        }
        assertThat(spark.read().parquet(file.toString()).except(table).count()).isZero();
    }

    @Test
    void refusesColumnsOfOtherRows() throws IOException {
        try (TaskFile target = target(folder.resolve("wrong.parquet"));
                AssembledFile parquet =
                        new AssembledFile(target, job("uncompressed", List.of("id")), new Configuration())) {
            HostBytes columns = encoded(table());
            assertThatThrownBy(() -> parquet.append(7, columns, null))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("3000 rows: one of 7 was expected");
        }
    }

    @Test
    void refusesColumnsThatAreCompressedAlready() throws IOException {
        try (TaskFile target = target(folder.resolve("twice.parquet"));
                AssembledFile parquet = new AssembledFile(target, job("zstd", List.of("id")), new Configuration())) {
            HostBytes columns = encoded(table(), "snappy");
            assertThatThrownBy(() -> parquet.append(3000, columns, null))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("came as SNAPPY");
        }
    }

    private Dataset<Row> table() {
        return spark.range(3000)
                .withColumn("name", functions.concat(functions.lit("n"), functions.col("id")))
                .withColumn(
                        "pooled",
                        functions.array(
                                functions.col("id").cast("float"),
                                functions.rand(1).cast("float")))
                .toDF();
    }

    private void append(AssembledFile parquet, Dataset<Row> table, byte[][] values, int from, int to)
            throws IOException {
        Dataset<Row> rows = table.where("id >= " + from + " and id < " + to);
        parquet.append(to - from, encoded(rows), output(java.util.Arrays.copyOfRange(values, from, to)));
    }

    /** Values of whole units, some of none, one of more than a page. */
    private static byte[][] values(long count) {
        Random random = new Random(1);
        byte[][] values = IntStream.range(0, (int) count)
                .mapToObj(i -> new byte[UNIT * (i == 7 ? 400_000 : random.nextInt(200))])
                .toArray(byte[][]::new);
        for (byte[] value : values) {
            random.nextBytes(value);
        }
        return values;
    }

    private static Values output(byte[][] values) {
        int[] starts = new int[values.length + 1];
        for (int i = 0; i < values.length; i++) {
            starts[i + 1] = starts[i] + values[i].length / UNIT;
        }
        ByteBuffer all = ByteBuffer.allocateDirect(starts[values.length] * UNIT);
        for (byte[] value : values) {
            all.put(value);
        }
        return new Values(bytes(all), starts, UNIT);
    }

    private HostBytes encoded(Dataset<Row> rows) throws IOException {
        return encoded(rows, "none");
    }

    private HostBytes encoded(Dataset<Row> rows, String codec) throws IOException {
        Path path = Files.createTempDirectory(folder, "part").resolve("rows");
        rows.coalesce(1).write().option("compression", codec).parquet(path.toString());
        try (Stream<Path> files = Files.list(path)) {
            Path file = files.filter(name -> name.toString().endsWith(".parquet"))
                    .findFirst()
                    .orElseThrow();
            return bytes(Files.readAllBytes(file));
        }
    }

    private static HostBytes bytes(byte[] bytes) {
        return bytes(ByteBuffer.wrap(bytes));
    }

    /** Hands out at most 1000 bytes in one buffer. */
    private static HostBytes bytes(ByteBuffer bytes) {
        return new HostBytes() {
            @Override
            public long size() {
                return bytes.capacity();
            }

            @Override
            public List<ByteBuffer> slices(long from, long to) {
                List<ByteBuffer> slices = new ArrayList<>();
                for (long at = from; at < to; at += 1000) {
                    slices.add(bytes.slice((int) at, (int) Math.min(1000, to - at)));
                }
                return slices;
            }
        };
    }

    private static TaskFile target(Path file) throws IOException {
        return TaskFile.create(new org.apache.hadoop.fs.Path(file.toUri()), new Configuration());
    }

    private static ParquetMetadata footer(Path file) {
        try (ParquetFileReader reader = ParquetFileReader.open(
                HadoopInputFile.fromPath(new org.apache.hadoop.fs.Path(file.toUri()), new Configuration()))) {
            return reader.getFooter();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ColumnJob job(String codec, List<String> carried) {
        AttentionSpec spec = new AttentionSpec(1, 1, 3, 3, ElementType.FP16, Mask.none(), 1);
        return new ColumnJob(
                ScoringOptions.builder(spec).build(),
                carried.stream().map(name -> new Column(name, Kind.PLAIN)).toList(),
                "",
                new ColumnJob.Output(CompressionCodecName.fromConf(codec), Map.of("key", "value")));
    }
}
