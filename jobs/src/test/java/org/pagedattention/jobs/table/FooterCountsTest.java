package org.pagedattention.jobs.table;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.jobs.JobRun;

class FooterCountsTest {
    /** A footer's length and the mark of the format behind it. */
    private static final int TAIL = 8;

    private final SparkSession spark = JobRun.spark();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(ints = {-1, 1})
    void refuseAFileWithOtherNumbersOfRowsThanOfValues(int more) throws IOException {
        Path file = file(group -> group.setNum_rows(group.getNum_rows() + more));
        assertThatThrownBy(this::open)
                .isInstanceOf(JobFailedException.class)
                .hasMessageContaining(file.getFileName() + " is damaged, or its writer was at fault: row group 0 has "
                        + (30 + more) + " rows, and its column ")
                .hasMessageContaining(" 30 values");
    }

    @Test
    void takeListsWithManyValuesARowAndFilesWithoutRows() throws IOException {
        file(group -> {});
        spark.range(0)
                .coalesce(1)
                .toDF()
                .write()
                .parquet(folder.resolve("empty").toString());
        assertThatCode(this::open).doesNotThrowAnyException();
        assertThatCode(() -> open("empty")).doesNotThrowAnyException();
    }

    private void open() {
        open("table");
    }

    private void open(String name) {
        Tables.read(spark, "parquet", folder.resolve(name).toString(), "--input", new PrintWriter(Writer.nullWriter()));
    }

    /** A file of 30 rows whose footer was changed. */
    private Path file(Consumer<RowGroup> change) throws IOException {
        spark.range(30)
                .coalesce(1)
                .withColumn("list", functions.array(functions.lit(1), functions.lit(2)))
                .withColumn("nothing", functions.array().cast("array<int>"))
                .write()
                .parquet(folder.resolve("table").toString());
        Path file;
        try (Stream<Path> files = Files.list(folder.resolve("table"))) {
            file = files.filter(path -> path.toString().endsWith(".parquet"))
                    .findFirst()
                    .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(file);
        int length = ByteBuffer.wrap(bytes, bytes.length - TAIL, 4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .getInt();
        int data = bytes.length - TAIL - length;
        FileMetaData footer = Util.readFileMetaData(new ByteArrayInputStream(bytes, data, length));
        footer.getRow_groups().forEach(change);
        ByteArrayOutputStream changed = new ByteArrayOutputStream();
        changed.write(bytes, 0, data);
        Util.writeFileMetaData(footer, changed);
        changed.write(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(changed.size() - data)
                .array());
        changed.write("PAR1".getBytes(StandardCharsets.US_ASCII));
        Files.write(file, changed.toByteArray());
        Files.delete(file.resolveSibling("." + file.getFileName() + ".crc"));
        return file;
    }
}
