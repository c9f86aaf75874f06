package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.table.RunLock;

/** A run that ends early leaves finished units behind, and the next one does the rest. */
class ResumeTest {
    private static final int FILES = 4;
    private static final int ROWS = 20;

    @TempDir
    Path folder;

    @BeforeEach
    void generate() {
        JobRun.spark();
        JobRun.generate(folder.resolve("in"), "--sequences " + ROWS, "--lengths fixed:5 --partitions " + FILES);
    }

    @Test
    void givesTheSameRowsAsARunInOneGo() {
        JobRun run = score("out", "--resume --unit-bytes 1");
        assertDone(run, "rows read", "20", "units of input files: 4");
        assertThat(run.err()).contains("score: 1 of 4 units of input files done");
        assertDone(score("plain", ""), "rows written");
        assertThat(rows("out")).isEqualTo(rows("plain"));
        assertThat(entries("out")).contains("_SUCCESS").doesNotContain("_units");
    }

    @Test
    void skipsWhatWasFinishedBefore() throws IOException {
        Path broken = breakOneFile();
        byte[] good = Files.readAllBytes(broken);
        long modified = Files.getLastModifiedTime(broken).toMillis();
        Files.write(broken, truncated(good));
        assertThat(broken.toFile().setLastModified(modified)).isTrue();
        JobRun first = score("out", "--resume --unit-bytes 1");
        assertThat(first.status()).as(first.err()).isEqualTo(1);
        assertThat(entries("out")).contains("_units").doesNotContain("_SUCCESS");
        assertThat(JobRun.spark()
                        .read()
                        .format("binaryFile")
                        .load(folder.resolve("out").toString())
                        .count())
                .as("files that a reader sees")
                .isZero();
        Files.write(broken, good);
        assertThat(broken.toFile().setLastModified(modified)).isTrue();
        JobRun second = score("out", "--resume --unit-bytes 1");
        assertDone(second, "finished by earlier runs: 2");
        assertThat(second.out()).containsPattern("rows written +20\n").containsPattern("sequences +10\n");
        assertDone(score("plain", ""));
        assertThat(rows("out")).isEqualTo(rows("plain"));
    }

    @Test
    void finishesAPublicationThatWasInterrupted() throws IOException {
        assertDone(score("out", "--resume --unit-bytes 1"));
        List<Row> expected = rows("out");
        // as it was after the first of four units had moved
        Files.delete(folder.resolve("out/_SUCCESS"));
        for (int unit = 0; unit < FILES; unit++) {
            Path home = folder.resolve("out/_units/unit-0000" + unit);
            Files.createDirectories(home);
            Files.writeString(home.resolve("_SUCCESS"), "{\"read\":5,\"written\":5,\"quarantined\":0}");
            for (Path file : filesStarting("out", unit == 0 ? "none" : "unit-0000" + unit)) {
                Files.move(file, home.resolve(file.getFileName().toString().substring("unit-00000-".length())));
            }
        }
        assertDone(score("out", "--resume --unit-bytes 1"), "finished by earlier runs: 4");
        assertThat(rows("out")).isEqualTo(expected);
        assertThat(entries("out")).contains("_SUCCESS").doesNotContain("_units");
    }

    @Test
    void noticesFilesLostInBetween() throws IOException {
        assertDone(score("out", "--resume --unit-bytes 1"));
        Files.delete(folder.resolve("out/_SUCCESS"));
        for (int unit = 0; unit < FILES; unit++) {
            Path home = Files.createDirectories(folder.resolve("out/_units/unit-0000" + unit));
            Files.writeString(home.resolve("_SUCCESS"), "{\"read\":5,\"written\":5,\"quarantined\":0}");
        }
        Files.delete(filesStarting("out", "unit-00002").get(0));
        JobRun run = score("out", "--resume --unit-bytes 1");
        assertThat(run.err()).contains("rows do not add up: 20 read, 15 written, 0 quarantined");
        assertThat(run.status()).isEqualTo(1);
        assertThat(entries("out")).doesNotContain("_SUCCESS");
    }

    @Test
    void hasNothingToDoWhenAllIsDone() {
        assertDone(score("out", "--resume"));
        assertDone(score("out", "--resume"), "nothing to do");
    }

    @Test
    void namesWhatAWholeTableLostSince() throws IOException {
        assertDone(score("out", "--resume --unit-bytes 1"));
        Path lost = filesStarting("out", "unit-00002").get(0);
        byte[] bytes = Files.readAllBytes(lost);
        Files.write(lost, Arrays.copyOf(bytes, 9));
        JobRun changed = score("out", "--resume --unit-bytes 1");
        assertThat(changed.err()).contains(lost.getFileName() + " had " + bytes.length + " bytes and has 9 now");
        assertThat(changed.status()).isEqualTo(1);
        Files.delete(lost);
        JobRun gone = score("out", "--resume --unit-bytes 1");
        assertThat(gone.err()).contains(lost.getFileName() + " is gone now: restore it, or delete ");
        assertThat(gone.status()).isEqualTo(1);
        Files.write(lost, bytes);
        assertDone(score("out", "--resume --unit-bytes 1"), "nothing to do");
    }

    @Test
    void takesAMarkThatSaysNothingOfFilesAtItsWord() throws IOException {
        assertDone(score("out", "--resume"));
        Files.delete(folder.resolve("out/._SUCCESS.crc"));
        for (String mark : new String[] {"", "null", "{\"name\": \"some committer\"}"}) {
            Files.writeString(folder.resolve("out/_SUCCESS"), mark);
            assertDone(score("out", "--resume"), "nothing to do");
        }
    }

    @Test
    void refusesOtherOptionsAndOtherInput() throws IOException {
        assertDone(score("out", "--resume"));
        assertRefused(score("out", "--resume --mask causal"), "--mask was none and is causal");
        assertRefused(score("out", "--resume --page-size 32"), "--page-size was not given and is 32");
        assertRefused(score("out", "--resume --on-bad-row null"), "--on-bad-row was not given and is null");
        assertDone(score("out", "--resume --on-bad-row quarantine=" + folder.resolve("aside")), "nothing to do");
        assertRefused(score("out", "--resume --mode overwrite"), "give one of the two");
        assertRefused(score("out", ""), "exists: give --mode overwrite");
        Path file = breakOneFile();
        Files.copy(file, file.resolveSibling("part-more.parquet"));
        assertRefused(score("out", "--resume"), "part-more.parquet is new");
        Files.delete(file.resolveSibling("part-more.parquet"));
        Files.delete(file);
        assertRefused(score("out", "--resume"), file.getFileName() + " is gone");
    }

    @Test
    void isNotBoundToABackendThatNeverWorked() throws IOException {
        JobRun.spark().stop();
        try (SparkSession spark = SparkSession.builder()
                .master("local[1]")
                .config("spark.ui.enabled", "false")
                .config("spark.pagedAttention.cudnn.libraryPath", "/nowhere")
                .getOrCreate()) {
            assertThat(spark.sparkContext().isLocal()).isTrue();
            JobRun run = score("out", "--resume --backend cudnn");
            assertThat(run.err()).contains("backend 'cudnn' cannot work here");
            assertThat(folder.resolve("out")).doesNotExist();
        }
    }

    @Test
    void doesNotGoOnWithWhatItDidNotBegin() throws IOException {
        Files.createDirectories(folder.resolve("out"));
        Files.writeString(folder.resolve("out/part-0.parquet"), "");
        assertRefused(score("out", "--resume"), "exists, and no run with --resume began it");
        Files.delete(folder.resolve("out/part-0.parquet"));
        Files.writeString(folder.resolve("out/_manifest.json"), "{\"format\": 99}");
        JobRun run = score("out", "--resume");
        assertThat(run.err()).contains("_manifest.json is not a manifest that this version wrote");
        assertThat(run.status()).isEqualTo(1);
    }

    @Test
    void leavesATableAloneThatAnotherRunWorksOn() {
        Path out = folder.resolve("out");
        assertThat(score("out", "--resume --q none").status()).isEqualTo(2);
        assertThat(out)
                .as("nothing is written before the columns are known to be right")
                .doesNotExist();
        Console console = new Console(new PrintWriter(System.out), new PrintWriter(System.err));
        RunLock.Pace fast = new RunLock.Pace(Duration.ofMillis(50), Duration.ofMinutes(1));
        org.apache.hadoop.fs.Path table = new org.apache.hadoop.fs.Path(out.toString());
        assertDone(score("out", "--resume --unit-bytes 1"));
        assertThat(out.resolve("_SUCCESS").toFile().delete()).isTrue();
        List<String> before = entries("out");
        try (RunLock other = RunLock.take(table, fast, new Configuration(), console.err())) {
            JobRun run = score("out", "--resume --unit-bytes 1");
            assertThat(run.err()).contains("another run works on", "run the same command again");
            assertThat(run.status()).isEqualTo(1);
            JobRun overwriting = score("out", "--mode overwrite");
            assertThat(overwriting.err()).contains("another run works on", "let it end, or end it");
            assertThat(overwriting.status()).isEqualTo(1);
            other.requireHeld();
        }
        assertThat(entries("out")).containsExactlyInAnyOrderElementsOf(before);
        assertDone(score("out", "--mode overwrite"));
    }

    @Test
    void marksItsTableEvenWhereSparkIsSetToLeaveMarksOut() {
        Configuration hadoop = JobRun.spark().sparkContext().hadoopConfiguration();
        hadoop.set("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false");
        try {
            assertDone(score("out", "--resume"));
            assertDone(score("out", "--resume"), "nothing to do");
        } finally {
            hadoop.unset("mapreduce.fileoutputcommitter.marksuccessfuljobs");
        }
        assertThat(rows("out")).hasSize(ROWS);
    }

    @Test
    void refusesAPatternBeforeItWritesAnything() {
        JobRun run =
                JobRun.of("score --resume --input " + folder + "/i* --output " + folder.resolve("out"), JobRun.SHAPE);
        assertRefused(run, "--resume takes one folder or file, and --input");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void keepsBadRowsOfAllUnits() {
        Dataset<Row> table = JobRun.table(folder.resolve("in"));
        table.selectExpr("id", "name", "q", "IF(id % 5 = 0, null, k) AS k", "v")
                .write()
                .parquet(folder.resolve("bad").toString());
        JobRun run = JobRun.of(
                "score --input " + folder.resolve("bad") + " --output " + folder.resolve("out"),
                JobRun.SHAPE + " --resume --unit-bytes 1 --on-bad-row quarantine=" + folder.resolve("aside"));
        assertDone(run);
        assertThat(run.out())
                .containsPattern("rows read +20\n")
                .containsPattern("rows written +16\n")
                .containsPattern("rows quarantined +4\n");
        assertThat(rows("aside")).extracting(row -> row.getLong(0)).containsExactly(0L, 5L, 10L, 15L);
        assertThat(entries("aside")).contains("_SUCCESS").doesNotContain("_units");
    }

    @Test
    void putsBadRowsAsideThatEndedAnEarlierRun() throws IOException {
        Dataset<Row> table = JobRun.table(folder.resolve("in"));
        table.selectExpr("id", "name", "q", "IF(id = 12, null, k) AS k", "v")
                .repartitionByRange(FILES, functions.col("id"))
                .write()
                .parquet(folder.resolve("bad").toString());
        String command =
                "score --resume --unit-bytes 1 --input " + folder.resolve("bad") + " --output " + folder.resolve("out");
        String aside = "--on-bad-row quarantine=" + folder.resolve("aside");
        JobRun failed = JobRun.of(command, JobRun.SHAPE);
        assertThat(failed.err()).contains("bad row {id=12", "--on-bad-row");
        assertThat(failed.status()).isEqualTo(1);
        assertThat(entries("out")).contains("_units").doesNotContain("_SUCCESS");
        Files.createDirectory(folder.resolve("aside"));
        assertRefused(JobRun.of(command, JobRun.SHAPE, aside), "aside exists");
        Files.delete(folder.resolve("aside"));
        JobRun done = JobRun.of(command, JobRun.SHAPE, aside);
        assertDone(done, "finished by earlier runs: " + 2);
        assertThat(done.out()).containsPattern("rows written +19\n").containsPattern("rows quarantined +1\n");
        assertThat(rows("aside")).extracting(row -> row.getLong(0)).containsExactly(12L);
        assertThat(rows("out")).hasSize(ROWS - 1);
        Files.delete(folder.resolve("out/_SUCCESS"));
        assertRefused(JobRun.of(command, JobRun.SHAPE), "--on-bad-row was quarantine=");
        assertRefused(JobRun.of(command, JobRun.SHAPE, aside + "2"), "/aside and is quarantine=");
    }

    private JobRun score(String output, String options) {
        return JobRun.of(
                "score --input " + folder.resolve("in") + " --output " + folder.resolve(output), JobRun.SHAPE, options);
    }

    private static void assertDone(JobRun run, String... said) {
        assertThat(run.status()).as(run.err() + run.out()).isZero();
        for (String text : said) {
            assertThat(run.out()).contains(text);
        }
    }

    private static void assertRefused(JobRun run, String said) {
        assertThat(run.err()).contains(said);
        assertThat(run.status()).as(run.err() + run.out()).isEqualTo(2);
    }

    private List<Row> rows(String name) {
        return JobRun.table(folder.resolve(name)).orderBy("id").collectAsList();
    }

    private List<String> entries(String name) {
        return List.of(folder.resolve(name).toFile().list());
    }

    private List<Path> filesStarting(String name, String start) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve(name))) {
            return files.filter(file -> file.getFileName().toString().startsWith(start))
                    .toList();
        }
    }

    /** The third file by name. */
    private Path breakOneFile() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("in"))) {
            return files.filter(file -> file.toString().endsWith(".parquet"))
                    .sorted()
                    .toList()
                    .get(2);
        }
    }

    /** As long as the file, so that only reading it shows that it is broken. */
    private static byte[] truncated(byte[] bytes) {
        byte[] broken = bytes.clone();
        Arrays.fill(broken, bytes.length / 2, bytes.length, (byte) 0);
        return broken;
    }
}
