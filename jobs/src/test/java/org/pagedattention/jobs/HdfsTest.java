package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.ElementType;
import org.pagedattention.attention.Mask;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.scoring.ScoringOptions;

/** Jobs from HDFS to HDFS. */
class HdfsTest {
    @RegisterExtension
    static final Hdfs HDFS = new Hdfs();

    private static final int ROWS = 20;
    private static final String BY_FILE = "--resume --unit-bytes 1";

    private static String template;

    private String folder;
    private DistributedFileSystem files;

    @BeforeAll
    static void generate() {
        JobRun.spark();
        template = HDFS.newFolder();
        assertDone(JobRun.of(
                "generate --output " + template + " --sequences " + ROWS,
                JobRun.SHAPE,
                "--lengths fixed:5 --partitions 4"));
    }

    @BeforeEach
    void copy() throws IOException {
        folder = HDFS.newFolder();
        files = HDFS.newClient();
        assertThat(FileUtil.copy(files, new Path(template), files, new Path(folder, "in"), false, new Configuration()))
                .isTrue();
    }

    @AfterEach
    void disconnect() throws IOException {
        files.close();
    }

    @Test
    void scoresAndVerifies() throws IOException {
        for (String mode : new String[] {"errorifexists", "overwrite"}) {
            assertDone(score("in", "out", "--emit o,lse --mode " + mode), "rows written");
            assertThat(entries("out")).contains("_SUCCESS").doesNotContain("_temporary");
            assertThat(table("out").columns()).containsExactly("id", "name", "o", "lse");
            assertThat(rows(table("out").select("id", "name")))
                    .hasSize(ROWS)
                    .isEqualTo(rows(table("in").select("id", "name")));
        }
        assertDone(
                JobRun.of("verify --input " + folder + "/in --scored " + folder + "/out", JobRun.SHAPE),
                "verified 20 of 20 sequences");
    }

    @Test
    void goesOnWhereARunWasBrokenOff() throws IOException {
        FileStatus third = Arrays.stream(files.listStatus(new Path(folder, "in")))
                .filter(file -> file.getPath().getName().endsWith(".parquet"))
                .sorted()
                .toList()
                .get(2);
        byte[] good = new byte[(int) third.getLen()];
        try (var in = files.open(third.getPath())) {
            in.readFully(0, good);
        }
        byte[] broken = good.clone();
        Arrays.fill(broken, good.length / 2, good.length, (byte) 0);
        replace(third, broken);
        assertThat(score("in", "out", BY_FILE).status()).isEqualTo(1);
        assertThat(entries("out")).contains("_units").doesNotContain("_SUCCESS", "_running");
        replace(third, good);
        // as one is left whose writer was killed: to HDFS it is still open
        var left = HDFS.newClient().create(new Path(folder, "out/_units/unit-00002/._SUCCESS.partial"), true);
        left.write(1);
        left.hflush();
        assertDone(score("in", "out", BY_FILE), "finished by earlier runs: 2");
        assertDone(score("in", "plain", ""));
        assertThat(rows(table("out"))).hasSize(ROWS).isEqualTo(rows(table("plain")));
        assertThat(entries("out")).contains("_SUCCESS").doesNotContain("_units", "_running");
        assertDone(score("in", "out", BY_FILE), "nothing to do");
    }

    @Test
    void leavesATableAloneThatAnotherRunWorksOn() throws IOException {
        assertDone(score("in", "out", BY_FILE));
        files.delete(new Path(folder, "out/_SUCCESS"), false);
        List<String> before = entries("out");
        RunLock.Pace fast = new RunLock.Pace(Duration.ofMillis(50), Duration.ofMinutes(1));
        Console console = new Console(new PrintWriter(System.out), new PrintWriter(System.err));
        try (RunLock other = RunLock.take(new Path(folder, "out"), fast, new Configuration(), console)) {
            JobRun run = score("in", "out", BY_FILE);
            assertThat(run.err()).contains("another run works on", "run the same command again");
            assertThat(run.status()).isEqualTo(1);
            other.requireHeld();
        }
        assertThat(entries("out")).containsExactlyInAnyOrderElementsOf(before);
    }

    @Test
    void putsBadRowsAside() throws IOException {
        table("in")
                .selectExpr("id", "name", "q", "IF(id % 5 = 0, null, k) AS k", "v")
                .write()
                .parquet(folder + "/bad");
        for (String how : new String[] {"", BY_FILE}) {
            String aside = "aside" + how.length();
            String policy = " --on-bad-row quarantine=" + folder + "/" + aside;
            assertDone(score("bad", "out" + how.length(), how + policy), "quarantined: 4 rows in hdfs://");
            assertThat(table("out" + how.length()).count()).isEqualTo(16);
            assertThat(rows(table(aside))).extracting(row -> row.getLong(0)).containsExactly(0L, 5L, 10L, 15L);
            assertThat(entries(aside)).contains("_SUCCESS").doesNotContain("_units");
        }
        assertThat(entries("")).noneMatch(name -> name.contains("staging"));
    }

    @Test
    void leavesNoFileOpenWhereTasksFail() throws IOException, InterruptedException {
        Dataset<Row> failing = table("in")
                .selectExpr(
                        "id", "q", "IF(id % 5 = 0, null, k) AS k", "IF(id % 5 = 4, raise_error('injected'), v) AS v");
        AttentionSpec spec = new AttentionSpec(4, 2, 16, 16, ElementType.FP16, Mask.none(), 0.25f);
        Map<String, String> conf =
                Map.of("spark.pagedAttention.onBadRow", "quarantine", "spark.pagedAttention.backend", "cpu");
        ScoringOptions options = ScoringOptions.builder(spec)
                .conf(PagedAttentionConf.parse(conf))
                .build();
        Console console = new Console(new PrintWriter(System.out), new PrintWriter(System.err));
        OutputFolder target = new OutputFolder(JobRun.spark(), new Path(folder, "out"), "parquet");
        ScoreRun run = new ScoreRun(JobRun.spark(), options, console);
        assertThatThrownBy(() -> run.run(failing, target, SaveMode.ErrorIfExists, folder + "/aside"))
                .hasStackTraceContaining("injected");
        assertThat(entries("")).containsExactlyInAnyOrder("in", "out");
        DistributedFileSystem ofTasks = (DistributedFileSystem) new Path(folder).getFileSystem(new Configuration());
        // other tasks may end after the job
        for (int i = 0; i < 600 && ofTasks.getClient().getNumOfFilesBeingWritten() > 0; i++) {
            Thread.sleep(50);
        }
        assertThat(ofTasks.getClient().getNumOfFilesBeingWritten()).isZero();
    }

    @Test
    void takesPathsWithoutASchemeFromTheDefaultFileSystem() throws IOException {
        String plain = new Path(folder).toUri().getPath();
        String head = "{\"weights\": [1" + ",1".repeat(63) + "]}";
        try (OutputStream out = files.create(new Path(plain, "head.json"))) {
            out.write(head.getBytes(StandardCharsets.UTF_8));
        }
        Configuration hadoop = JobRun.spark().sparkContext().hadoopConfiguration();
        String before = hadoop.get("fs.defaultFS");
        hadoop.set("fs.defaultFS", HDFS.uri());
        try {
            String job = "score --input " + plain + "/in --head " + plain + "/head.json --emit score --output ";
            assertDone(JobRun.of(job + plain + "/out", JobRun.SHAPE, BY_FILE));
            assertDone(JobRun.of(job + "below-home", JobRun.SHAPE));
            assertThat(JobRun.of(job + folder + "/in/out", JobRun.SHAPE).err()).contains("lie in each other");
        } finally {
            hadoop.set("fs.defaultFS", before);
        }
        assertThat(rows(table("out"))).hasSize(ROWS);
        Path home = new Path(files.getHomeDirectory(), "below-home");
        assertThat(rows(JobRun.spark().read().parquet(home.toString()))).isEqualTo(rows(table("out")));
    }

    @Test
    void knowsATableByEveryNameOfItsServer() throws IOException {
        String same = folder.replace("localhost", "127.0.0.1");
        for (String input : new String[] {same + "/in", same + "/i*"}) {
            JobRun run =
                    JobRun.of("score --mode overwrite --input " + input, "--output " + folder + "/in", JobRun.SHAPE);
            assertThat(run.err()).contains("set --output to a path of its own");
            assertThat(run.status()).isEqualTo(2);
        }
        assertThat(rows(table("in"))).hasSize(ROWS);
    }

    private JobRun score(String input, String output, String options) {
        return JobRun.of(
                "score --input " + folder + "/" + input, "--output " + folder + "/" + output, JobRun.SHAPE, options);
    }

    private static void assertDone(JobRun run, String... said) {
        assertThat(run.status()).as(run.err() + run.out()).isZero();
        assertThat(List.of(said)).allMatch(run.out()::contains);
    }

    /** Other bytes at the same time, as far as a listing shows. */
    private void replace(FileStatus file, byte[] bytes) throws IOException {
        try (OutputStream out = files.create(file.getPath(), true)) {
            out.write(bytes);
        }
        files.setTimes(file.getPath(), file.getModificationTime(), -1);
    }

    private Dataset<Row> table(String name) {
        return JobRun.spark().read().parquet(folder + "/" + name);
    }

    private static List<Row> rows(Dataset<Row> table) {
        return table.orderBy("id").collectAsList();
    }

    private List<String> entries(String name) throws IOException {
        return Arrays.stream(files.listStatus(new Path(folder + "/" + name)))
                .map(entry -> entry.getPath().getName())
                .toList();
    }
}
