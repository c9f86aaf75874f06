package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OtherJobsTest {
    @TempDir
    Path dir;

    @BeforeAll
    static void startSpark() {
        JobRun.spark();
    }

    @Test
    void doctorSaysWhatWouldRun() {
        JobRun run = JobRun.of("doctor --backend cpu");
        assertThat(run.status()).isZero();
        assertThat(run.out()).contains("Spark", "4.2.0", "Java", "backend cpu: works", "would run: cpu (asked for)");
    }

    @Test
    void versionNamesProductAndSpark() {
        assertThat(JobRun.of("--version").out()).contains("Paged Attention for Apache Spark", "Apache Spark 4.2.0");
    }

    @Test
    void benchStartSaysWhenThePartsOfAJobBegan() {
        JobRun.generate(dir.resolve("in"), "--sequences 30 --lengths lognormal:20:1:99");
        JobRun run = JobRun.of(
                "bench start --backend cpu --input " + dir.resolve("in") + " --output " + dir.resolve("out"),
                JobRun.SHAPE);
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("{\"bench\": \"start\"", "Java and spark-submit", "Spark session", "scoring", "count")
                .contains("written: " + dir.resolve("out"));
        assertThat(JobRun.of("bench start --backend cpu").status()).isEqualTo(2);
    }

    @Test
    void jobsFollowOneAnotherUntilOneFails() {
        String generate = "generate --output " + dir.resolve("in") + " --sequences 7 --lengths fixed:5 " + JobRun.SHAPE;
        String lengths = "lengths --input " + dir.resolve("in") + " " + JobRun.SHAPE;
        JobRun both = JobRun.of(generate, "--then", lengths);
        assertThat(both.status()).as(both.err()).isZero();
        assertThat(both.out()).containsSubsequence("generated 7 sequences", "mean length");
        // the table is there by now
        JobRun first = JobRun.of(generate, "--then", lengths);
        assertThat(first.status()).isEqualTo(2);
        assertThat(first.out()).doesNotContain("mean length");
        assertThat(JobRun.of(lengths, "--then").status()).isEqualTo(2);
    }

    @Test
    void theRehearsalRunsEveryKindOfJob() {
        JobRun run = JobRun.of("rehearse");
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out()).contains("rehearsed, with ");
    }

    @Test
    void lengthsDrawsAPicture() throws Exception {
        JobRun.generate(dir.resolve("in"), "--sequences 30 --lengths lognormal:20:1:99");
        JobRun run = JobRun.of("lengths --svg " + dir.resolve("l.svg") + " --input " + dir.resolve("in"), JobRun.SHAPE);
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out()).contains("padded batches of 64 rows");
        var document = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(dir.resolve("l.svg").toFile());
        assertThat(document.getElementsByTagName("rect").getLength()).isGreaterThan(50);
    }

    @Test
    void lengthsCountsBrokenRowsAndNamesTheFirst() {
        JobRun.generate(dir.resolve("in"), "--sequences 6 --lengths fixed:5 --partitions 1");
        JobRun.table(dir.resolve("in"))
                .selectExpr("name", "id", "IF(id = 4, null, k) AS k", "IF(id = 2, X'00', IF(id = 5, k || k, v)) AS v")
                .write()
                .parquet(dir.resolve("bad").toString());
        JobRun run = JobRun.of("lengths --input " + dir.resolve("bad"), JobRun.SHAPE);
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out())
                .containsPattern("sequences +3\n")
                .contains("bad rows, not counted above: 3, such as {name=sequence-000002, id=2}:"
                        + " column v has 1 bytes, and a token takes 64");
        JobRun good = JobRun.of("lengths --input " + dir.resolve("in"), JobRun.SHAPE);
        assertThat(good.out()).containsPattern("sequences +6\n").doesNotContain("bad");
    }

    @Test
    void lengthsChecksItsOptionsBeforeItReads() {
        JobRun.generate(dir.resolve("in"), "--sequences 1 --lengths fixed:5 --partitions 1");
        String job = "lengths --input " + dir.resolve("in");
        JobRun svg = JobRun.of(job, JobRun.SHAPE, "--svg " + dir.resolve("none/l.svg"));
        assertThat(svg.err()).contains("--svg " + dir.resolve("none/l.svg") + " is not a file in a folder");
        JobRun missing = JobRun.of(job, JobRun.SHAPE, "--k key");
        assertThat(missing.err()).contains("column 'key' is not in the input", "--k");
        JobRun text = JobRun.of(job, JobRun.SHAPE, "--v name");
        assertThat(text.err()).contains("column name is string: a tensor column is", "--v");
        for (JobRun run : List.of(svg, missing, text)) {
            assertThat(run.status()).isEqualTo(2);
            assertThat(run.out()).isEmpty();
        }
    }

    @Test
    void benchJobPutsTheRatioFirst() {
        JobRun run = JobRun.of(
                "bench job --sequences 4 --lengths fixed:8 --runs 1 --backend cpu --dir " + dir, JobRun.SHAPE);
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out()).startsWith("{\"bench\": \"job\", \"ratio\": ");
        assertThat(run.out()).contains("score / copy");
    }

    @Test
    void benchCpuTimesEveryShape() {
        JobRun run = JobRun.of("bench cpu --runs 1 --warm-up 0");
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out().lines().filter(line -> line.startsWith("{\"bench\": \"cpu\"")))
                .hasSize(3);
        assertThat(run.out()).contains("GFLOP/s");
    }

    @Test
    void samplePresetIsWithinItsTolerance() {
        JobRun run = JobRun.of("verify --preset sample --backend cpu");
        assertThat(run.status()).as(run.err() + run.out()).isZero();
        assertThat(run.out()).contains("backend: cpu");
        assertThat(run.lastLine()).startsWith("verified 4 of 4 sequences");
    }
}
