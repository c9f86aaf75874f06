package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A folder in a file system that is not this machine's, and jobs in it.
 *
 * @param files as another process reaches them
 */
record RemoteJobs(FileSystem files, String folder) {
    static final int ROWS = 20;
    static final String BY_FILE = "--resume --unit-bytes 1";

    /** Makes the table that tests start from. */
    static void generate(String path) {
        assertDone(JobRun.of(
                "generate --output " + path + " --sequences " + ROWS,
                JobRun.SHAPE,
                "--lengths fixed:5 --partitions 4"));
    }

    static void assertDone(JobRun run, String... said) {
        assertThat(run.status()).as(run.err() + run.out()).isZero();
        assertThat(List.of(said)).as(run.out()).allMatch(run.out()::contains);
    }

    static List<Row> rows(Dataset<Row> table) {
        return table.orderBy("id").collectAsList();
    }

    /**
     * Scores a table.
     *
     * @param input name in the folder, or a whole path
     * @param output name in the folder
     */
    JobRun score(String input, String output, String options) {
        return JobRun.of(
                "score --input " + new Path(folder, input), "--output " + folder + "/" + output, JobRun.SHAPE, options);
    }

    Dataset<Row> table(String name) {
        return JobRun.spark().read().parquet(new Path(folder, name).toString());
    }

    List<String> entries(String name) throws IOException {
        return Arrays.stream(files.listStatus(new Path(folder + "/" + name)))
                .map(entry -> entry.getPath().getName())
                .toList();
    }

    /** Scores a table with bad rows, in one go and in units. */
    void assertPutsBadRowsAside(String input) throws IOException {
        table(input)
                .selectExpr("id", "name", "q", "IF(id % 5 = 0, null, k) AS k", "v")
                .write()
                .parquet(folder + "/bad");
        String scheme = files.getUri().getScheme();
        for (String how : new String[] {"", BY_FILE}) {
            String aside = "aside" + how.length();
            String policy = " --on-bad-row quarantine=" + folder + "/" + aside;
            assertDone(score("bad", "out" + how.length(), how + policy), "quarantined: 4 rows in " + scheme + "://");
            assertThat(table("out" + how.length()).count()).isEqualTo(16);
            assertThat(rows(table(aside))).extracting(row -> row.getLong(0)).containsExactly(0L, 5L, 10L, 15L);
            assertThat(entries(aside)).contains("_SUCCESS");
        }
        assertThat(entries("")).noneMatch(name -> name.contains("staging"));
    }

    /** Scores a file of a table, and what a pattern stands for. */
    void assertScoresFiles(String input) throws IOException {
        String file = entries(input).stream()
                .filter(name -> name.endsWith(".parquet"))
                .findFirst()
                .orElseThrow();
        assertDone(score(input + "/" + file, "one", ""), "rows written");
        assertDone(score(input + "/*.parquet", "all", ""), "rows written");
        assertThat(table("one").count()).isEqualTo(ROWS / 4);
        assertThat(table("all").count()).isEqualTo(ROWS);
    }

    /** Refuses a table with files that Spark would leave out. */
    void assertRefusesWhatIsLeftOut(String input) throws IOException {
        table(input).write().parquet(folder + "/odd");
        Path empty = new Path(folder, "odd/empty.parquet");
        files.create(empty).close();
        assertRefused(score("odd", "never", ""), "empty.parquet has 0 bytes");
        files.delete(empty, false);
        table(input).write().parquet(folder + "/odd/more");
        assertRefused(score("odd", "never", ""), "Spark would leave out", folder + "/odd/more/");
        files.create(new Path(folder, "odd/_delta_log/0.json")).close();
        assertRefused(score("odd/more", "never", ""), "odd holds _delta_log", "--input-format to delta");
        assertThat(entries("")).doesNotContain("never");
    }

    private static void assertRefused(JobRun run, String... said) {
        assertThat(run.err()).contains(said);
        assertThat(run.status()).isEqualTo(2);
    }

    /** Scores a table, twice, and verifies it. */
    void assertScoresAndVerifies(String input) throws IOException {
        for (String mode : new String[] {"errorifexists", "overwrite"}) {
            assertDone(score(input, "out", "--emit o,lse --mode " + mode), "rows written");
            assertThat(entries("out")).contains("_SUCCESS").doesNotContain("_temporary");
            assertThat(table("out").columns()).containsExactly("id", "name", "o", "lse");
            assertThat(rows(table("out").select("id", "name")))
                    .hasSize(ROWS)
                    .isEqualTo(rows(table(input).select("id", "name")));
        }
        assertDone(
                JobRun.of("verify --input " + new Path(folder, input) + " --scored " + folder + "/out", JobRun.SHAPE),
                "verified 20 of 20 sequences");
    }
}
