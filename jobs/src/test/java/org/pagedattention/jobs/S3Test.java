package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pagedattention.jobs.RemoteJobs.BY_FILE;
import static org.pagedattention.jobs.RemoteJobs.ROWS;
import static org.pagedattention.jobs.RemoteJobs.assertDone;
import static org.pagedattention.jobs.RemoteJobs.rows;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.s3a.S3AFileSystem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Jobs from S3 to S3. */
class S3Test {
    @RegisterExtension
    static final S3 S3 = new S3();

    private static final String PROTOCOL = "spark.sql.sources.commitProtocolClass";
    private static final String COMMITTER = "spark.sql.parquet.output.committer.class";

    private static String input;

    private String folder;
    private S3AFileSystem files;
    private RemoteJobs jobs;

    @BeforeAll
    static void generate() {
        input = S3.newFolder();
        RemoteJobs.generate(input);
    }

    @BeforeEach
    void connect() throws IOException {
        files = S3.newClient();
        folder = S3.newFolder();
        jobs = new RemoteJobs(files, folder);
    }

    @AfterEach
    void disconnect() throws IOException {
        files.close();
    }

    @Test
    void scoresAndVerifies() throws IOException {
        jobs.assertScoresAndVerifies(input);
        assertThat(score("out", "").err()).contains("exists: give --mode overwrite");
        assertDone(JobRun.of("lengths --input " + input, JobRun.SHAPE), "20");
    }

    @Test
    void refusesWhatIsLeftOut() throws IOException {
        jobs.assertRefusesWhatIsLeftOut(input);
    }

    @Test
    void goesOnWhereARunLostItsLock() throws IOException {
        CompletableFuture<Void> thief = CompletableFuture.runAsync(this::deleteLockAfterFirstUnit);
        JobRun broken = score("out", BY_FILE);
        thief.join();
        assertThat(broken.err()).contains("another run took over");
        assertThat(broken.status()).isEqualTo(1);
        assertThat(jobs.entries("out")).contains("_units").doesNotContain("_SUCCESS", "_running");
        JobRun second = score("out", BY_FILE);
        assertDone(second, "finished by earlier runs: ");
        assertThat(second.out()).doesNotContain("finished by earlier runs: 0");
        assertDone(score("plain", ""));
        assertThat(rows(jobs.table("out"))).hasSize(ROWS).isEqualTo(rows(jobs.table("plain")));
        // a folder without files may stay, as this server keeps folders
        assertThat(files.exists(new Path(folder, "out/_units/unit-00000/_SUCCESS")))
                .isFalse();
        assertThat(jobs.entries("out")).contains("_SUCCESS").doesNotContain("_running");
        assertDone(score("out", BY_FILE), "nothing to do");
    }

    private void deleteLockAfterFirstUnit() {
        try {
            while (!files.exists(new Path(folder, "out/_units/unit-00000/_SUCCESS"))) {
                LockSupport.parkNanos(20_000_000);
            }
            files.delete(new Path(folder, "out/_running"), false);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void putsBadRowsAside() throws IOException {
        jobs.assertPutsBadRowsAside(input);
    }

    @Test
    void knowsATableByEveryScheme() throws IOException {
        Configuration hadoop = JobRun.spark().sparkContext().hadoopConfiguration();
        hadoop.set("fs.s3.impl", S3AFileSystem.class.getName());
        String same = input.replace("s3a:", "s3:");
        try {
            for (String name : new String[] {same, same + "*"}) {
                JobRun run = JobRun.of("score --mode overwrite --input " + name, "--output " + input, JobRun.SHAPE);
                assertThat(run.err()).contains("set --output to a path of its own");
                assertThat(run.status()).isEqualTo(2);
            }
        } finally {
            hadoop.unset("fs.s3.impl");
        }
        assertThat(rows(JobRun.spark().read().parquet(input))).hasSize(ROWS);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            s3a://elsewhere/in | s3a://elsewhere/in lies in a bucket that does not exist
            s3a://locked/in    | S3 refuses access to s3a://locked/in
            s3n://tables/in    | set spark.hadoop.fs.s3n.impl=
            s3x://tables/in    | add --packages org.apache.hadoop:hadoop-aws:3.5.0
            """)
    void saysWhatIsWrongWithABucket(String path, String said) {
        Configuration hadoop = JobRun.spark().sparkContext().hadoopConfiguration();
        hadoop.set("fs.s3a.bucket.locked.secret.key", "not this");
        hadoop.set("fs.s3x.impl", "org.apache.hadoop.fs.s3a.NotThere");
        JobRun run = JobRun.of("lengths --input " + path, JobRun.SHAPE);
        assertThat(run.err()).contains(said);
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.status()).isEqualTo(1);
    }

    @Test
    void resumesOnlyWhereTheStoreCanRefuse() throws IOException {
        Configuration hadoop = JobRun.spark().sparkContext().hadoopConfiguration();
        Map<String, String> without =
                Map.of("fs.s3a.create.conditional.enabled", "false", "fs.s3a.impl.disable.cache", "true");
        without.forEach(hadoop::set);
        try {
            JobRun run = score("out", BY_FILE);
            assertThat(run.err()).contains("spark.hadoop.fs.s3a.create.conditional.enabled=true");
            assertThat(run.status()).isEqualTo(1);
            assertDone(score("plain", ""));
        } finally {
            without.keySet().forEach(hadoop::unset);
        }
    }

    @Test
    void leavesCommitsToTheMagicCommitter() throws IOException {
        Map<String, String> before =
                Map.of(PROTOCOL, System.getProperty(PROTOCOL), COMMITTER, System.getProperty(COMMITTER));
        // what Spark itself sets where it finds spark-hadoop-cloud
        commitBy(Map.of(
                PROTOCOL,
                "org.apache.spark.internal.io.cloud.PathOutputCommitProtocol",
                COMMITTER,
                "org.apache.spark.internal.io.cloud.BindingParquetOutputCommitter"));
        try {
            long count = magicFiles();
            assertDone(score("out", ""));
            assertDone(score("resumed", BY_FILE));
            assertThat(magicFiles() - count).isEqualTo(dataFiles("out") + dataFiles("resumed"));
            // what a driver leaves that was killed
            files.create(new Path(folder, "out/__magic_job-1/tasks/part-0")).close();
            assertDone(score("out", "--mode overwrite"));
        } finally {
            commitBy(before);
        }
        assertThat(rows(jobs.table("out"))).hasSize(ROWS).isEqualTo(rows(jobs.table("resumed")));
        assertThat(jobs.entries("out")).contains("_SUCCESS").noneMatch(name -> name.startsWith("__magic"));
    }

    /** Each job gives the session what the system's properties say. */
    private static void commitBy(Map<String, String> settings) {
        settings.forEach(System::setProperty);
        settings.forEach(JobRun.spark().conf()::set);
    }

    private long dataFiles(String name) throws IOException {
        return jobs.entries(name).stream()
                .filter(entry -> entry.endsWith(".parquet"))
                .count();
    }

    private long magicFiles() throws IOException {
        Configuration hadoop = JobRun.spark().sparkContext().hadoopConfiguration();
        S3AFileSystem ofTasks = (S3AFileSystem) new Path(folder).getFileSystem(hadoop);
        return ofTasks.getIOStatistics().counters().get("committer_magic_files_created");
    }

    private JobRun score(String output, String options) {
        return jobs.score(input, output, options);
    }
}
