package org.pagedattention.jobs.table;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pagedattention.jobs.JobRun;

class OutputFolderTest {
    private final SparkSession spark = JobRun.spark();

    @TempDir
    private Path folder;

    @Test
    void isMarkedOnlyWhenItsRowsAddUp() {
        OutputFolder output = written(30);
        assertThat(folder.resolve("out/_SUCCESS"))
                .as("written, and not counted yet")
                .doesNotExist();

        assertThatThrownBy(() -> output.mark(new RowAccount(31, output.count(null), 0)))
                .isInstanceOf(JobFailedException.class)
                .hasMessageContaining("31 read, 30 written");
        assertThat(folder.resolve("out/_SUCCESS")).doesNotExist();

        output.mark(new RowAccount(31, output.count(null), 1));
        assertThat(folder.resolve("out/_SUCCESS")).exists();
    }

    @Test
    void countsWhatReadersFind() throws IOException {
        OutputFolder output = written(30);
        Files.write(folder.resolve("out/_part-00099.parquet"), new byte[10]);
        assertThat(output.count(null)).isEqualTo(30);

        spark.range(12).toDF().write().parquet(folder.resolve("out/day=1").toString());
        spark.range(7).toDF().write().orc(folder.resolve("orc").toString());
        assertThat(new OutputFolder(spark, path("orc"), "orc").count(null)).isEqualTo(7);
        for (File file : requireNonNull(folder.resolve("out").toFile().listFiles(File::isFile))) {
            Files.delete(file.toPath());
        }
        assertThat(output.count(null)).as("in a folder within").isEqualTo(12);
    }

    @Test
    void namesTheFileThatCannotBeCounted() throws IOException {
        OutputFolder output = written(30);
        Files.write(folder.resolve("out/part-broken.parquet"), new byte[100]);
        assertThatThrownBy(() -> output.count(null))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("cannot count the rows of")
                .hasMessageContaining("part-broken.parquet");
    }

    private OutputFolder written(long rows) {
        OutputFolder output = new OutputFolder(spark, path("out"), "parquet");
        output.write(spark.range(rows).toDF(), SaveMode.ErrorIfExists, List.of());
        return output;
    }

    private org.apache.hadoop.fs.Path path(String name) {
        return new org.apache.hadoop.fs.Path(folder.resolve(name).toUri());
    }
}
