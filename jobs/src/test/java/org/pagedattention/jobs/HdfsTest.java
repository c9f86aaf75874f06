package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.pagedattention.jobs.RemoteJobs.BY_FILE;
import static org.pagedattention.jobs.RemoteJobs.ROWS;
import static org.pagedattention.jobs.RemoteJobs.assertDone;
import static org.pagedattention.jobs.RemoteJobs.rows;

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
import org.pagedattention.attention.Mask;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.run.TableRun;
import org.pagedattention.jobs.run.Work;
import org.pagedattention.jobs.table.OutputFolder;
import org.pagedattention.jobs.table.RunLock;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.scoring.SequenceScorer;
import org.pagedattention.tensor.ElementType;

/** Jobs from HDFS to HDFS. */
class HdfsTest {
    @RegisterExtension
    static final Hdfs HDFS = new Hdfs();

    private static String template;

    private String folder;
    private DistributedFileSystem files;
    private RemoteJobs jobs;

    @BeforeAll
    static void generate() {
        JobRun.spark();
        template = HDFS.newFolder();
        RemoteJobs.generate(template);
    }

    @BeforeEach
    void copy() throws IOException {
        folder = HDFS.newFolder();
        files = HDFS.newClient();
        jobs = new RemoteJobs(files, folder);
        assertThat(FileUtil.copy(files, new Path(template), files, new Path(folder, "in"), false, new Configuration()))
                .isTrue();
    }

    @AfterEach
    void disconnect() throws IOException {
        files.close();
    }

    @Test
    void scoresAndVerifies() throws IOException {
        jobs.assertScoresAndVerifies("in");
    }

    @Test
    void refusesWhatIsLeftOut() throws IOException {
        jobs.assertRefusesWhatIsLeftOut("in");
    }

    @Test
    void scoresFiles() throws IOException {
        jobs.assertScoresFiles("in");
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
        assertThat(jobs.score("in", "out", BY_FILE).status()).isEqualTo(1);
        assertThat(jobs.entries("out")).contains("_units").doesNotContain("_SUCCESS", "_running");
        replace(third, good);
        // as one is left whose writer was killed: to HDFS it is still open
        var left = HDFS.newClient().create(new Path(folder, "out/_units/unit-00002/._SUCCESS.partial"), true);
        left.write(1);
        left.hflush();
        assertDone(jobs.score("in", "out", BY_FILE), "finished by earlier runs: 2");
        assertDone(jobs.score("in", "plain", ""));
        assertThat(rows(jobs.table("out"))).hasSize(ROWS).isEqualTo(rows(jobs.table("plain")));
        assertThat(jobs.entries("out")).contains("_SUCCESS").doesNotContain("_units", "_running");
        assertDone(jobs.score("in", "out", BY_FILE), "nothing to do");
    }

    @Test
    void leavesATableAloneThatAnotherRunWorksOn() throws IOException {
        assertDone(jobs.score("in", "out", BY_FILE));
        files.delete(new Path(folder, "out/_SUCCESS"), false);
        List<String> before = jobs.entries("out");
        RunLock.Pace fast = new RunLock.Pace(Duration.ofMillis(50), Duration.ofMinutes(1));
        Console console = new Console(new PrintWriter(System.out), new PrintWriter(System.err));
        try (RunLock other = RunLock.take(new Path(folder, "out"), fast, new Configuration(), console.err())) {
            JobRun run = jobs.score("in", "out", BY_FILE);
            assertThat(run.err()).contains("another run works on", "run the same command again");
            assertThat(run.status()).isEqualTo(1);
            other.requireHeld();
        }
        assertThat(jobs.entries("out")).containsExactlyInAnyOrderElementsOf(before);
    }

    @Test
    void putsBadRowsAside() throws IOException {
        jobs.assertPutsBadRowsAside("in");
        assertThat(jobs.entries("aside" + BY_FILE.length())).doesNotContain("_units");
    }

    @Test
    void leavesNoFileOpenWhereTasksFail() throws IOException, InterruptedException {
        Dataset<Row> failing = jobs.table("in")
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
        TableRun run = new TableRun(
                JobRun.spark(),
                "score",
                Work.ATTENTION,
                options.conf(),
                input -> SequenceScorer.plan(input, options),
                console);
        assertThatThrownBy(() -> run.run(failing, target, SaveMode.ErrorIfExists, folder + "/aside"))
                .hasStackTraceContaining("injected");
        assertThat(jobs.entries("")).containsExactlyInAnyOrder("in", "out");
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
        assertThat(rows(jobs.table("out"))).hasSize(ROWS);
        Path home = new Path(files.getHomeDirectory(), "below-home");
        assertThat(rows(JobRun.spark().read().parquet(home.toString()))).isEqualTo(rows(jobs.table("out")));
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
        assertThat(rows(jobs.table("in"))).hasSize(ROWS);
    }

    /** Other bytes at the same time, as far as a listing shows. */
    private void replace(FileStatus file, byte[] bytes) throws IOException {
        try (OutputStream out = files.create(file.getPath(), true)) {
            out.write(bytes);
        }
        files.setTimes(file.getPath(), file.getModificationTime(), -1);
    }
}
