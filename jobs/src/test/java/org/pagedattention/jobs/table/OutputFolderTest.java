package org.pagedattention.jobs.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

    private OutputFolder written(long rows) {
        OutputFolder output = new OutputFolder(
                spark, new org.apache.hadoop.fs.Path(folder.resolve("out").toUri()), "parquet");
        output.write(spark.range(rows).toDF(), SaveMode.ErrorIfExists, List.of());
        return output;
    }
}
