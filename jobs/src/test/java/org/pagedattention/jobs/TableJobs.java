package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** What tests of score and verify start from: a table, and the two commands. */
abstract class TableJobs {
    static final int ROWS = 40;

    @TempDir
    static Path shared;

    @TempDir
    Path own;

    @BeforeAll
    static void generateOnce() {
        JobRun.spark();
        JobRun.generate(shared.resolve("in"), "--sequences " + ROWS, "--lengths lognormal:20:0.8:90");
    }

    static JobRun score(Path input, Path output, String... options) {
        return JobRun.of(
                "score --mask causal --input " + input + " --output " + output,
                options.length == 0 || !options[0].contains("--dtype") ? JobRun.SHAPE : "",
                String.join(" ", options));
    }

    static JobRun verify(Path input, Path scored, String... options) {
        return JobRun.of(
                "verify --mask causal --input " + input + " --scored " + scored,
                options.length == 0 || !options[0].contains("--dtype") ? JobRun.SHAPE : "",
                String.join(" ", options));
    }

    static void assertDone(JobRun run) {
        assertThat(run.status()).as(run.err() + run.out()).isZero();
    }

    static void assertFailed(JobRun run, String... messages) {
        assertThat(run.err()).contains(messages).doesNotContain("\tat ");
        assertThat(run.status()).isEqualTo(1);
    }

    Path written(String name, Dataset<Row> table) {
        table.write().parquet(own.resolve(name).toString());
        return own.resolve(name);
    }

    static Dataset<Row> input() {
        return JobRun.table(shared.resolve("in"));
    }
}
