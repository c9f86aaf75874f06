package org.pagedattention.jobs;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** What becomes of bad rows, through the command line. */
class BadRowJobsTest extends TableJobs {
    @Test
    void badRowStopsTheJobWithOneMessage() {
        Path in = written(
                "in",
                input().withColumn("k", when(col("id").equalTo(11), lit(null)).otherwise(col("k"))));
        JobRun run = score(in, own.resolve("out"));
        assertFailed(run, "id=11", "column k is null", "spark.pagedAttention.onBadRow (--on-bad-row) says how");
        assertThat(run.err().lines().filter(line -> line.startsWith("error: "))).hasSize(1);
        assertThat(own.resolve("out").resolve("_SUCCESS")).doesNotExist();
    }

    @Test
    void stacktraceOnRequest() {
        Path in = written("in", input().withColumn("k", lit(null).cast("binary")));
        assertThat(score(in, own.resolve("out"), "--stacktrace").err()).contains("\tat ");
    }

    @Test
    void badRowsGetNullResultsOnRequest() {
        Path in = written(
                "in",
                input().withColumn("k", when(col("id").equalTo(11), lit(null)).otherwise(col("k"))));
        assertDone(score(in, own.resolve("out"), "--on-bad-row null"));
        Row bad = JobRun.table(own.resolve("out")).filter("error is not null").first();
        assertThat(bad.<Long>getAs("id")).isEqualTo(11);
        assertThat(bad.<byte[]>getAs("o")).isNull();
        JobRun run = verify(in, own.resolve("out"));
        assertDone(run);
        assertThat(run.out()).contains("1 row(s) carry an error instead of results");
        assertThat(run.lastLine()).startsWith("verified 39 of 39 sequences");
    }

    @Test
    void aScoredTableOfErrorsAloneFailsVerification() {
        Path in = written("in", input().withColumn("k", lit(null).cast("binary")));
        assertDone(score(in, own.resolve("out"), "--on-bad-row null"));
        JobRun run = verify(in, own.resolve("out"));
        assertFailed(run, "nothing was compared: all 40 rows carry an error");
        assertThat(run.lastLine()).startsWith("verified 0 of 0 sequences");
    }

    @Test
    void aTableInQuarantineAltogetherFailsVerification() {
        Path in = written("in", input().withColumn("k", lit(null).cast("binary")));
        assertDone(score(in, own.resolve("out"), "--on-bad-row quarantine=" + own.resolve("aside")));
        assertFailed(
                verify(in, own.resolve("out"), "--quarantine " + own.resolve("aside")),
                "nothing was compared: all 40 rows of the input are in the quarantine");
    }

    @Test
    void aQuarantineMayBeCalledWhatAPatternIs() {
        Path in = written("in", input().withColumn("k", lit(null).cast("binary")));
        Path aside = own.resolve("aside[1]{x}");
        JobRun run = score(in, own.resolve("out"), "--on-bad-row quarantine=" + aside);
        assertDone(run);
        assertThat(run.out()).contains("quarantined: 40 rows in " + aside);
    }

    @Test
    void badRowsGoToQuarantineOnRequest() {
        Path in = written(
                "in",
                input().withColumn("k", when(col("id").equalTo(11), lit(null)).otherwise(col("k"))));
        assertDone(score(in, own.resolve("out"), "--on-bad-row quarantine=" + own.resolve("aside")));
        assertThat(JobRun.table(own.resolve("out")).count()).isEqualTo(ROWS - 1);
        Row bad = JobRun.table(own.resolve("aside")).first();
        assertThat(bad.schema().fieldNames()).containsExactly("id", "name", "q", "k", "v", "error");
        assertThat(bad.<String>getAs("error")).contains("column k is null");
        assertFailed(verify(in, own.resolve("out")), "has 39", "--quarantine");
        JobRun run = verify(in, own.resolve("out"), "--quarantine " + own.resolve("aside"));
        assertDone(run);
        assertThat(run.lastLine()).startsWith("verified 39 of 39 sequences");
    }
}
