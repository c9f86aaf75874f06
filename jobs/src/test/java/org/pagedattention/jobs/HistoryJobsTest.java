package org.pagedattention.jobs;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of one table that ask histories of another, from generate over score to verify. */
class HistoryJobsTest {
    private static final int ROWS = 12 * 20;

    @TempDir
    static Path shared;

    @TempDir
    Path own;

    @BeforeAll
    static void generateOnce() {
        JobRun.spark();
        generate(shared, "--partitions 4");
    }

    private static void generate(Path folder, String... more) {
        JobRun run = JobRun.of(
                "generate histories --output " + folder.resolve("queries") + " --kv-output "
                        + folder.resolve("histories"),
                "--histories 12 --queries 20 --unused 5 --skew 0.4 --query-tokens uniform:0:5",
                "--history-tokens lognormal:60:1:300",
                JobRun.SHAPE,
                String.join(" ", more));
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out()).contains("generated 17 histories", "240 rows");
    }

    private static JobRun score(Path folder, Path output, String... more) {
        return JobRun.of(
                "score --input " + folder.resolve("queries") + " --kv-input " + folder.resolve("histories")
                        + " --key history --output " + output,
                JobRun.SHAPE,
                String.join(" ", more));
    }

    private static JobRun verify(Path folder, Path scored, String... more) {
        return JobRun.of(
                "verify --input " + folder.resolve("queries") + " --kv-input " + folder.resolve("histories")
                        + " --kv-key history --key id --scored " + scored,
                JobRun.SHAPE,
                String.join(" ", more));
    }

    @Test
    void saysWhatItWouldDoAndDoesNothing() {
        JobRun run = score(shared, own.resolve("explained"), "--explain");
        assertDone(run, "backend        cpu", "a sample would take all of the second table");
        assertThat(own.resolve("explained")).doesNotExist();
    }

    private static void assertDone(JobRun run, String... said) {
        assertThat(run.status()).as(run.err() + run.out()).isZero();
        assertThat(List.of(said)).allSatisfy(text -> assertThat(run.out()).contains(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--mask none",
                "--mask causal",
                "--mask causal-bottom-right --window 9",
                "--mask none --window 5 --compute-dtype fp32"
            })
    void whatIsScoredIsVerified(String mask) {
        Path out = own.resolve("out");
        assertDone(score(shared, out, mask, "--emit o,lse,pooled"), "histories in batches", "histories: ");
        assertDone(verify(shared, out, mask), "verified 240 of 240 sequences");
        Dataset<Row> scored = JobRun.table(out);
        assertThat(scored.columns()).containsExactly("id", "history", "o", "lse", "pooled");
        assertThat(scored.select("id").distinct().count()).isEqualTo(ROWS);
    }

    @Test
    void theSummarySaysWhatWasHeldAndHow() {
        assertDone(
                score(shared, own.resolve("none")),
                "rows for each of them",
                "histories: all queries of a history are one sequence (without a mask every query sees every key)");
        assertDone(
                score(shared, own.resolve("causal"), "--mask causal"),
                "histories: each row's page table names the history's pages (by its mask a row sees keys by its own");
        assertThat(JobRun.table(own.resolve("none")).count()).isEqualTo(ROWS);
    }

    @Test
    void aSampleIsVerifiedAndAWrongRowFound() {
        Path out = own.resolve("out");
        assertDone(score(shared, out));
        assertDone(verify(shared, out, "--sample 7"), "verified 7 of 7 sequences");
        Path wrong = own.resolve("wrong");
        // the result of another history
        Dataset<Row> rows = JobRun.table(out);
        Dataset<Row> other = rows.where("history = 1 and length(o) > 0")
                .orderBy("id")
                .limit(1)
                .selectExpr("length(o) as bytes", "o as other");
        rows.join(other, expr("history = 2 and length(o) = bytes"), "left_outer")
                .withColumn("o", expr("coalesce(other, o)"))
                .drop("bytes", "other")
                .write()
                .parquet(wrong.toString());
        JobRun run = verify(shared, wrong);
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("o of row {id=");
    }

    @Test
    void rowsWithoutAHistoryArePutAsideAsTheyCame() {
        generate(own, "--missing 0.1");
        Path out = own.resolve("out");
        Path aside = own.resolve("aside");
        JobRun failed = score(own, own.resolve("failed"));
        assertThat(failed.status()).isEqualTo(1);
        assertThat(failed.err()).contains("no history has the row's key in column history", "--on-bad-row");
        assertDone(score(own, out, "--on-bad-row quarantine=" + aside));
        Dataset<Row> bad = JobRun.table(aside);
        assertThat(bad.columns()).containsExactly("id", "history", "q", "error");
        assertThat(bad.where("history >= 0").count()).isZero();
        long missing = JobRun.table(own.resolve("queries")).where("history < 0").count();
        assertThat(missing).isBetween(10L, 50L);
        assertThat(bad.count()).isEqualTo(missing);
        assertThat(JobRun.table(out).count()).isEqualTo(ROWS - missing);
        assertDone(verify(own, out, "--quarantine " + aside), "verified " + (ROWS - missing) + " of");
        assertDone(score(own, own.resolve("kept"), "--on-bad-row null"));
        assertDone(verify(own, own.resolve("kept")), missing + " row(s) carry an error");
        // a result where there can be none
        Path invented = own.resolve("invented");
        JobRun.table(own.resolve("kept"))
                .withColumn("error", expr("cast(null as string)"))
                .write()
                .parquet(invented.toString());
        assertThat(verify(own, invented).err()).contains("has results, but no single history with k and v has its");
    }

    @Test
    void resumesAndNoticesOtherHistories() throws IOException {
        generate(own, "--partitions 3");
        Path out = own.resolve("out");
        assertDone(score(own, out, "--resume --unit-bytes 1"), "units of input files: 3, finished by earlier runs: 0");
        assertThat(JobRun.table(out).count()).isEqualTo(ROWS);
        assertDone(verify(own, out), "verified 240 of 240");
        assertDone(score(own, out, "--resume --unit-bytes 1"), "nothing to do");
        try (Stream<Path> files = Files.list(own.resolve("histories"))) {
            Path file = files.filter(path -> path.toString().endsWith(".parquet"))
                    .findFirst()
                    .orElseThrow();
            assertThat(file.toFile().setLastModified(1_000_000_000_000L)).isTrue();
        }
        JobRun changed = score(own, out, "--resume --unit-bytes 1");
        assertThat(changed.status()).isEqualTo(2);
        assertThat(changed.err()).contains("--kv-input as of was");
    }

    @Test
    void optionsThatDoNotGoTogetherAreRefused() {
        Path out = own.resolve("out");
        String one = "score --input " + shared.resolve("queries") + " --output " + out + " " + JobRun.SHAPE;
        String kv = " --kv-input " + shared.resolve("histories");
        for (List<String> wrong : List.of(
                List.of(one + kv, "needs --key"),
                List.of(one + " --key history", "names the key of --kv-input"),
                List.of(one + kv + " --key id", "column 'id' is not in the histories"),
                List.of(one + kv + " --key history --io direct", "it reads one table"),
                List.of(one + kv + "/nowhere --key history", "--kv-input"),
                List.of(
                        "score --input " + shared.resolve("queries") + " --output " + shared.resolve("histories/x") + kv
                                + " --key history " + JobRun.SHAPE,
                        "lie in each other"))) {
            JobRun run = JobRun.of(wrong.get(0));
            assertThat(run.err()).as(wrong.get(0)).contains(wrong.get(1));
            assertThat(run.status()).as(wrong.get(0)).isEqualTo(2);
        }
        assertThat(out).doesNotExist();
    }

    @Test
    void benchSharingComparesTheWays() {
        JobRun run = JobRun.of(
                "bench sharing --rows 16 --queries 1,8 --history-tokens uniform:1:40 --runs 1 --dir " + own,
                JobRun.SHAPE);
        assertDone(run, "histories: all queries of a history are one sequence");
        assertThat(run.out().lines().filter(line -> line.contains("\"bench\": \"sharing\"")))
                .hasSize(6)
                .allMatch(line -> line.contains("\"times_unshared\": "));
        assertThat(run.out().lines().filter(line -> line.contains("\"way\": \"shared\"")))
                .hasSize(2)
                // each of six tasks has rows of a history, and of two histories there are three copies each
                .allMatch(line -> line.matches(".*\"copies_held\": [123]\\.000.*"));
        assertThat(run.out().lines().filter(line -> line.contains("\"way\": \"unshared\"")))
                .anyMatch(line -> line.contains("\"copies_held\": 8.000"));
    }

    /** Where there is no room for all copies, some of them are timed, and the rest is reckoned. */
    @Test
    void benchSharingTakesSomeRowsForAll() {
        JobRun run = JobRun.of(
                "bench sharing --rows 40 --queries 4 --history-tokens fixed:20 --runs 1 --ways shared,unshared"
                        + " --unshared-rows 8 --dir " + own,
                JobRun.SHAPE);
        assertDone(run, "for 8 of 40 rows (");
        assertThat(JobRun.table(own.resolve("bench-sharing/unshared")).count()).isEqualTo(8);
        assertThat(run.out().lines().filter(line -> line.contains("\"way\": \"unshared\"")))
                .singleElement()
                .asString()
                .contains("\"rows\": 8,", "\"all_rows\": 40,", "\"copies_held\": 0.800");
    }

    @Test
    void generatedTablesDependOnTheirOptionsAlone() {
        generate(own, "--partitions 1");
        for (String table : List.of("queries", "histories")) {
            String key = table.equals("queries") ? "id" : "history";
            assertThat(JobRun.table(own.resolve(table)).orderBy(key).collectAsList())
                    .usingRecursiveComparison()
                    .isEqualTo(JobRun.table(shared.resolve(table)).orderBy(key).collectAsList());
        }
        long first = JobRun.table(shared.resolve("queries"))
                .where(col("history").equalTo(0))
                .count();
        assertThat(first).isBetween(80L, 140L);
    }
}
