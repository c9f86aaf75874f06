package org.pagedattention.direct;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.s3a.S3AFileSystem;
import org.apache.spark.internal.io.cloud.PathOutputCommitProtocol;
import org.apache.spark.sql.classic.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.jobs.S3;

/** What the direct path does to files, where they lie in S3. */
class FilesOnS3Test {
    @RegisterExtension
    static final S3 S3 = new S3();

    private static final String PROTOCOL = "spark.sql.sources.commitProtocolClass";

    private final SparkSession spark = (SparkSession)
            org.apache.spark.sql.SparkSession.builder().master("local[2]").getOrCreate();
    private final Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    private final String folder = S3.newFolder();

    @Test
    void keepsBytesOverTheBoundsOfParts() throws IOException {
        Configuration own = new Configuration(hadoop);
        own.setBoolean("fs.s3a.impl.disable.cache", true);
        own.set("fs.s3a.multipart.size", "5m");
        FileTrips.assertKeepsBytes(new Path(folder, "part-0"), own);
    }

    /** Spark takes the magic one by itself where it finds it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void commitsAllTasks(boolean magic) throws IOException {
        String usual = spark.conf().get(PROTOCOL);
        spark.conf().set(PROTOCOL, magic ? PathOutputCommitProtocol.class.getName() : usual);
        spark.conf().set("fs.s3a.committer.name", magic ? "magic" : "file");
        try {
            commitTwice();
        } finally {
            spark.conf().set(PROTOCOL, usual);
            spark.conf().unset("fs.s3a.committer.name");
        }
    }

    private void commitTwice() throws IOException {
        try (S3AFileSystem files = S3.newClient()) {
            for (boolean overwrite : new boolean[] {false, true}) {
                OutputCommit commit = OutputCommit.of(spark, folder + "/out", ".txt");
                commit.setupJob(overwrite);
                commit.commitJob(FileTrips.write(spark, commit, List.of("a", "b", "c")));
                assertThat(Arrays.stream(files.listStatus(new Path(folder, "out")))
                                .map(file -> file.getPath().getName()))
                        .as("without _SUCCESS, which comes once the rows are counted")
                        .hasSize(3)
                        .allMatch(name -> name.startsWith("part-"));
            }
        }
    }
}
