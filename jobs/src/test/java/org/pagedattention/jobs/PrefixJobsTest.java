package org.pagedattention.jobs;

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

/** Rows that begin alike, from generate over score to verify: by the key of a prefix, and found by their bytes. */
class PrefixJobsTest {
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

    private static void generate(Path folder, String more) {
        JobRun run = JobRun.of(
                "generate histories --output " + folder.resolve("rows") + " --kv-output " + folder.resolve("prefixes"),
                "--histories 12 --queries 20 --unused 5 --skew 0.4 --query-tokens uniform:0:5",
                "--history-tokens lognormal:60:1:300 --own-tokens uniform:0:90",
                JobRun.SHAPE,
                more);
        assertThat(run.status()).as(run.err()).isZero();
    }

    private static JobRun score(Path folder, Path output, String... more) {
        return JobRun.of(
                "score --input " + folder.resolve("rows") + " --prefix-input " + folder.resolve("prefixes")
                        + " --prefix-key history --output " + output,
                JobRun.SHAPE,
                String.join(" ", more));
    }

    private static JobRun verify(Path folder, Path scored, String... more) {
        return JobRun.of(
                "verify --input " + folder.resolve("rows") + " --prefix-input " + folder.resolve("prefixes")
                        + " --prefix-key history --key id --scored " + scored,
                JobRun.SHAPE,
                String.join(" ", more));
    }

    private static void assertDone(JobRun run, String... said) {
        assertThat(run.status()).as(run.err() + run.out()).isZero();
        assertThat(List.of(said)).allSatisfy(text -> assertThat(run.out()).contains(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--mask none",
                "--mask causal --layout padded",
                "--mask causal-bottom-right --window 9 --page-size 16",
                "--mask causal-bottom-right --compute-dtype fp32"
            })
    void whatIsScoredIsVerified(String how) {
        Path out = own.resolve("out");
        assertDone(
                score(shared, out, how, "--emit o,lse,pooled"),
                "prefixes in batches",
                "row's page table names the full pages of its prefix");
        assertDone(
                verify(shared, out, how.replaceAll(" --(layout|page-size) [a-z0-9]+", "")),
                "verified 240 of 240 sequences");
        assertThat(JobRun.table(out).columns()).containsExactly("id", "history", "o", "lse", "pooled");
    }

    /** A row that was scored without its prefix is a wrong one. */
    @Test
    void rowsWithoutTheirPrefixAreFound() {
        Path out = own.resolve("out");
        JobRun alone = JobRun.of(
                "score --on-bad-row null --input " + shared.resolve("rows") + " --output " + out, JobRun.SHAPE);
        assertThat(alone.status()).isZero();
        assertThat(verify(shared, out).status()).isEqualTo(1);
        assertDone(score(shared, own.resolve("good")));
        assertDone(verify(shared, own.resolve("good"), "--sample 9"), "verified 9 of 9 sequences");
    }

    @Test
    void rowsWithoutAPrefixArePutAsideAsTheyCame() {
        generate(own, "--missing 0.1");
        Path aside = own.resolve("aside");
        JobRun failed = score(own, own.resolve("failed"));
        assertThat(failed.status()).isEqualTo(1);
        assertThat(failed.err()).contains("no prefix has the row's key in column history", "--on-bad-row");
        assertDone(score(own, own.resolve("out"), "--on-bad-row quarantine=" + aside));
        Dataset<Row> bad = JobRun.table(aside);
        assertThat(bad.columns()).containsExactly("id", "history", "q", "k", "v", "error");
        assertThat(bad.where("history >= 0").count()).isZero();
        assertThat(JobRun.table(own.resolve("out")).count()).isEqualTo(ROWS - bad.count());
        assertDone(verify(own, own.resolve("out"), "--quarantine " + aside), "verified " + (ROWS - bad.count()));
        assertDone(score(own, own.resolve("kept"), "--on-bad-row null"));
        assertDone(verify(own, own.resolve("kept")), bad.count() + " row(s) carry an error");
    }

    @Test
    void resumesAndNoticesOtherPrefixes() throws IOException {
        generate(own, "--partitions 3");
        Path out = own.resolve("out");
        assertDone(score(own, out, "--resume --unit-bytes 1"), "units of input files: 3, finished by earlier runs: 0");
        assertDone(verify(own, out), "verified 240 of 240");
        assertDone(score(own, out, "--resume --unit-bytes 1"), "nothing to do");
        try (Stream<Path> files = Files.list(own.resolve("prefixes"))) {
            Path file = files.filter(path -> path.toString().endsWith(".parquet"))
                    .findFirst()
                    .orElseThrow();
            assertThat(file.toFile().setLastModified(1_000_000_000_000L)).isTrue();
        }
        JobRun changed = score(own, out, "--resume --unit-bytes 1");
        assertThat(changed.status()).isEqualTo(2);
        assertThat(changed.err()).contains("--prefix-input as of was");
    }

    @Test
    void equalPagesAreHeldOnce() {
        Path whole = own.resolve("whole");
        // 240 rows with one of twelve histories each
        JobRun.table(shared.resolve("rows"))
                .select("id", "history", "q")
                .join(JobRun.table(shared.resolve("prefixes")), "history")
                .coalesce(1)
                .write()
                .parquet(whole.toString());
        Path out = own.resolve("out");
        String job = "score --input " + whole + " --mask causal --page-size 16 --output ";
        JobRun run = JobRun.of(job + out, "--dedupe", JobRun.SHAPE);
        assertDone(run, "pages given", "pages held, equal ones once a batch");
        long given = number(run, "pages given");
        assertThat(given).isGreaterThan(500);
        assertThat(number(run, "pages held, equal ones once a batch")).isBetween(20L, given / 4);
        assertDone(JobRun.of(job + own.resolve("plain"), JobRun.SHAPE), "sequences");
        assertThat(JobRun.table(out).orderBy("id").collectAsList())
                .usingRecursiveComparison()
                .isEqualTo(JobRun.table(own.resolve("plain")).orderBy("id").collectAsList());
        assertDone(
                JobRun.of("verify --mask causal --input " + whole + " --key id --scored " + out, JobRun.SHAPE),
                "verified 240 of 240");
    }

    private static long number(JobRun run, String what) {
        return run.out()
                .lines()
                .filter(line -> line.startsWith(what + "  "))
                .map(line -> line.substring(what.length()).strip().replace(",", ""))
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void optionsThatDoNotGoTogetherAreRefused() {
        Path out = own.resolve("out");
        String one = "score --input " + shared.resolve("rows") + " --output " + out + " " + JobRun.SHAPE;
        String prefix = " --prefix-input " + shared.resolve("prefixes");
        for (List<String> wrong : List.of(
                List.of(one + prefix, "needs --prefix-key"),
                List.of(one + " --prefix-key history", "names the key of --prefix-input"),
                List.of(one + prefix + " --prefix-key id", "column 'id' is not in the prefixes"),
                List.of(one + prefix + " --prefix-key history --io direct", "it reads one table"),
                List.of(one + " --dedupe --io direct", "--dedupe looks at the bytes of rows"),
                List.of(one + prefix + " --prefix-key history --dedupe", "--dedupe finds what rows"),
                List.of(
                        one + prefix + " --prefix-key history --key history --kv-input " + shared.resolve("prefixes"),
                        "leave one of them out"))) {
            JobRun run = JobRun.of(wrong.get(0));
            assertThat(run.err()).as(wrong.get(0)).contains(wrong.get(1));
            assertThat(run.status()).as(wrong.get(0)).isEqualTo(2);
        }
        assertThat(out).doesNotExist();
    }
}
