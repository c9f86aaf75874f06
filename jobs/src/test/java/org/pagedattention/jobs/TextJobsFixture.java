package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** A table of texts, and the job embed over it. */
abstract class TextJobsFixture {
    static final Path MODELS = Path.of("../spark-plugin/src/test/resources/models");
    static final Path EMBEDDER = MODELS.resolve("sentence-bert");
    static final int ROWS = 30;

    @TempDir
    static Path shared;

    @TempDir
    Path own;

    @BeforeAll
    static void writeTexts() {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            String text = i == 7 ? null : i == 8 ? "a </script><b>cat</b>" : "the dog number " + i + " runs ".repeat(i);
            rows.add(RowFactory.create((long) i, text, "a cat"));
        }
        JobRun.spark()
                .createDataFrame(
                        rows,
                        new StructType().add("id", "long").add("text", "string").add("other", "string"))
                .repartition(3)
                .write()
                .parquet(shared.resolve("in").toString());
    }

    JobRun embed(String... options) {
        return JobRun.of(
                "embed --model " + EMBEDDER + " --input " + shared.resolve("in") + " --output " + own.resolve("out"),
                String.join(" ", options));
    }

    Dataset<Row> written() {
        return JobRun.table(own.resolve("out")).orderBy("id");
    }

    static void assertDone(JobRun run) {
        assertThat(run.status()).as(run.err() + run.out()).isZero();
    }

    static void assertFailed(JobRun run, String... messages) {
        assertThat(run.err()).contains(messages).doesNotContain("\tat ");
        assertThat(run.status()).isPositive();
    }
}
