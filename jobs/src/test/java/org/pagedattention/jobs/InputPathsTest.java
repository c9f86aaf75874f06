package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What --input may be, and what is said of what it may not. */
class InputPathsTest extends RefusalTests {
    @Test
    void missingInputIsNamed() {
        assertWrongUsage(JobRun.of(SCORE, "--input /nowhere/in"), "--input /nowhere/in does not exist");
    }

    @Test
    void aPatternWithoutMatchesAndAListAreNamed() {
        String pattern = "--input " + own + "/nothing-*";
        assertWrongUsage(JobRun.of(SCORE, pattern), pattern + " is a pattern that nothing matches");
        assertWrongUsage(JobRun.of(SCORE, "--input " + own + "/[a"), own + "/[a is neither there nor a pattern");
        assertWrongUsage(JobRun.of(SCORE, input() + "," + own), "does not exist", "one pattern, such as {a,b}");
    }

    @Test
    void aNameThatHadoopsPatternsCannotTakeIsNamed() throws Exception {
        Files.createDirectory(own.resolve("at 12:30"));
        assertWrongUsage(JobRun.of(SCORE, "--input " + own + "/a*"), "where a name has a colon, as at 12:30 does");
    }

    @ParameterizedTest
    @CsvSource({"_delta_log/0.json, delta", ".hoodie/hoodie.properties, hudi", "metadata/v1.metadata.json, iceberg"})
    void aTableWhoseLogSaysWhichFilesCountIsRefused(String log, String format) throws Exception {
        JobRun.table(shared.resolve("in"))
                .coalesce(1)
                .write()
                .parquet(own.resolve("in/data").toString());
        Files.createDirectories(own.resolve("in").resolve(log).getParent());
        Files.writeString(own.resolve("in").resolve(log), "{}");
        for (String job : new String[] {SCORE, "lengths " + JobRun.SHAPE}) {
            for (String path : new String[] {"in", "i*", "{in,other}", "in/data", "in/data/*.parquet", "in/d{ata,b}"}) {
                assertWrongUsage(
                        JobRun.of(job, "--input " + own.resolve(path)),
                        "--input " + own.resolve(path) + ": ",
                        "in holds "
                                + log.replace("0.json", "")
                                        .replace("hoodie.properties", "")
                                        .replace("v1.", "*.")
                                        .replaceFirst("/$", ""),
                        "--input-format to " + format);
            }
        }
    }

    @Test
    void anUnknownHostIsNamedWithItsPath() {
        JobRun run = JobRun.of(SCORE, "--input hdfs://nohost.invalid:1/in");
        assertThat(run.err())
                .contains("cannot look at hdfs://nohost.invalid:1/in: no host is known as nohost.invalid")
                .doesNotContain("\tat ");
        assertThat(run.status()).isEqualTo(1);
    }

    @Test
    void emptyInputIsNamed() throws Exception {
        Path folder = Files.createDirectory(own.resolve("empty"));
        assertWrongUsage(JobRun.of(SCORE, "--input " + folder), "--input " + folder, "holds no parquet files");
    }

    @ParameterizedTest
    @CsvSource({
        "t/d=*, t/d=2",
        "t/d=*, t/d=9",
        "t/d=*, t/d=9/deeper",
        "t/d=*, t",
        "'{t/d=1,u}', u",
        "t/d=[12], t/d=2",
        "*/d=1, t",
    })
    void outputThatThePatternOfTheInputStandsForIsRefused(String pattern, String place) {
        for (String name : new String[] {"t/d=1", "t/d=2"}) {
            JobRun.table(shared.resolve("in")).write().parquet(own.resolve(name).toString());
        }
        String job = "score --mode overwrite --input " + own + "/" + pattern;
        String path = own.resolve(place).toString();
        assertWrongUsage(JobRun.of(job, "--output " + path, JobRun.SHAPE), "--input", "also stands for --output");
        assertWrongUsage(
                JobRun.of(job, "--output " + own.resolve("out"), JobRun.SHAPE, "--on-bad-row quarantine=" + path),
                "also stands for --on-bad-row quarantine= " + path);
        assertThat(JobRun.table(own.resolve("t/d=2")).count()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"t,u", "t,plain", "t,v"})
    void partitionFoldersOfSeveralTablesAreRefused(String folders) {
        for (String name : new String[] {"t/d=1", "u/d=2", "v/e=1", "plain"}) {
            JobRun.table(shared.resolve("in")).write().parquet(own.resolve(name).toString());
        }
        String pattern = own + "/{" + folders + "}";
        assertWrongUsage(
                JobRun.of("score --output " + own.resolve("out"), JobRun.SHAPE, "--input " + pattern),
                "--input " + pattern + " stands for partition folders",
                "give the one folder above them");
    }

    @ParameterizedTest
    @ValueSource(strings = {"t", "x/t/d=1", "d=1/x", "t/e/d=1"})
    void outputBesideWhatAPatternStandsForIsWritten(String place) {
        JobRun.table(shared.resolve("in"))
                .write()
                .parquet(own.resolve("a/t/d=1").toString());
        JobRun run = JobRun.of(
                "score --input " + own + "/*/t/d=*",
                "--output " + own.resolve("out").resolve(place),
                JobRun.SHAPE);
        assertThat(run.status()).as(run.err()).isZero();
    }
}
