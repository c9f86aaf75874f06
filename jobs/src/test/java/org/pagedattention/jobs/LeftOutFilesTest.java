package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that Spark leaves out without a word end a job before it begins, or are told of. */
class LeftOutFilesTest extends RefusalTests {
    private static final String OUT = "score " + JobRun.SHAPE + " --output ";

    @Test
    void aFileWithoutBytesIsRefused() throws IOException {
        Path in = table("in");
        Files.createFile(in.resolve("b.parquet"));
        assertRefused(in, in + ": file:" + in + "/b.parquet has 0 bytes");
    }

    @Test
    void aLinkToNothingIsRefused() throws IOException {
        Path in = table("in");
        Files.createSymbolicLink(in.resolve("b.parquet"), own.resolve("gone"));
        assertRefused(in, "b.parquet is a link to nothing");
        assertWrongUsage(
                JobRun.of(OUT + own.resolve("out") + " --input " + in + "/*.parquet"),
                "b.parquet is a link to nothing");
    }

    @Test
    void filesBelowFilesAreRefused() {
        Path in = table("in");
        table("in/more");
        assertRefused(in, "Spark would leave out 1 file, file:" + in + "/more/");
        JobRun both = JobRun.of(OUT + own.resolve("out") + " --input " + in + "/{more,*.parquet}");
        assertThat(both.status()).as(both.err()).isZero();
        assertThat(JobRun.table(own.resolve("out")).count()).isEqualTo(6);
    }

    @Test
    void filesBesidePartitionsAreRefused() {
        table("in/day=1");
        table("in/day=2");
        assertRefused(table("in"), "Spark would leave out 1 file, file:" + own + "/in/part-");
    }

    /** As it is where a file of a Latin alphabet was unpacked, and where the locale knows ASCII alone. */
    @Test
    void aNameThatThisProcessCannotSayIsRefused() throws Exception {
        Path in = table("in");
        Process copy = new ProcessBuilder(
                        "bash", "-c", "cp \"$0\"/part-*.parquet \"$0\"/$'K\\xf6ln.parquet'", in.toString())
                .inheritIO()
                .start();
        assertThat(copy.waitFor()).isZero();
        assertRefused(in, "K%F6ln.parquet", "cannot say", "LC_ALL=C.UTF-8");
        assertWrongUsage(
                JobRun.of(OUT + own.resolve("out") + " --input " + in + "/K*"), "K%F6ln.parquet", "cannot say");
    }

    @Test
    void anArgumentThatTheLocaleCouldNotSayIsRefused() {
        assertWrongUsage(JobRun.of(OUT + own.resolve("K\uFFFDln"), input()), "UTF-8 locale");
        assertThat(own).isEmptyDirectory();
    }

    @Test
    void hiddenFilesAreToldOf() throws IOException {
        Path in = table("in");
        table("in/_old");
        Files.writeString(in.resolve(".part-1.tmp"), "half");
        JobRun run = JobRun.of(OUT + own.resolve("out") + " --input " + in);
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.err()).containsOnlyOnce("note: --input " + in + " also holds 2 files that Spark does not read");
        JobRun verified = JobRun.of("verify " + JobRun.SHAPE + " --input " + in + " --scored " + own.resolve("out"));
        assertThat(verified.err()).contains("also holds 2 files");
        assertThat(verified.out()).contains("verified 3 of 3");
    }

    @Test
    void valuesThatFoldersHideAreToldOf() {
        table("in/id=9");
        JobRun run = JobRun.of(OUT + own.resolve("out") + " --input " + own.resolve("in"));
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.err()).contains("note: files of --input " + own.resolve("in") + " have id, and names of");
    }

    @ParameterizedTest
    @ValueSource(strings = {"spark.sql.files.ignoreCorruptFiles", "spark.sql.files.ignoreMissingFiles"})
    void settingsThatLeaveFilesOutAreRefusedInEveryJob(String key) {
        JobRun.spark().conf().set(key, "true");
        try {
            assertRefused(table("in"), key + " is true");
        } finally {
            JobRun.spark().conf().unset(key);
        }
    }

    @Test
    void avroFilesOfOtherNamesAreNotPassedBy() {
        String key = "avro.mapred.ignore.inputs.without.extension";
        JobRun.spark().sparkContext().hadoopConfiguration().set(key, "true");
        try {
            assertRefused(table("in"), "spark.hadoop." + key + " is true");
        } finally {
            JobRun.spark().sparkContext().hadoopConfiguration().unset(key);
        }
    }

    private Path table(String name) {
        Dataset<Row> rows = JobRun.table(shared.resolve("in")).coalesce(1);
        rows.write().mode("append").parquet(own.resolve(name).toString());
        return own.resolve(name);
    }

    private void assertRefused(Path in, String... hints) {
        String out = own.resolve("out").toString();
        assertWrongUsage(JobRun.of(OUT + out + " --input " + in), hints);
        assertWrongUsage(JobRun.of(OUT + out + " --resume --input " + in), hints);
        assertWrongUsage(JobRun.of("lengths " + JobRun.SHAPE + " --input " + in), hints);
        assertWrongUsage(JobRun.of("verify " + JobRun.SHAPE, input() + " --scored " + in), hints);
        assertThat(own.resolve("out")).doesNotExist();
    }
}
