package org.pagedattention.jobs.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.s3a.S3AFileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.jobs.S3;

/** S3 differs from a file system in that a file is there once all of it is written, and replaces one that came meanwhile. */
class RunLockOnS3Test {
    @RegisterExtension
    static final S3 S3 = new S3();

    private static final int MANY = 6;

    private final StringWriter err = new StringWriter();
    private Path file;

    @BeforeEach
    void name() {
        file = new Path(S3.newFolder(), "_running");
    }

    private RunLock take(Duration renewal, Duration patience) {
        return RunLock.take(
                file.getParent(), new RunLock.Pace(renewal, patience), S3.configuration(), new PrintWriter(err, true));
    }

    @Test
    void staysWithItsRunUntilItIsClosed() throws IOException, InterruptedException {
        try (S3AFileSystem other = S3.newClient()) {
            try (RunLock lock = take(Duration.ofMillis(20), Duration.ofHours(1))) {
                Thread.sleep(200);
                assertThatCode(lock::requireHeld).doesNotThrowAnyException();
                assertThat(HadoopFiles.read(file, 1000, S3.configuration())).doesNotContain("renewed 0 times");
            }
            assertThat(other.exists(file)).isFalse();
        }
        assertThat(err.toString()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void goesToOneOfManyThatWantItAtOnce(boolean afterADeadRun) throws IOException {
        if (afterADeadRun) {
            try (S3AFileSystem other = S3.newClient();
                    var out = other.create(file)) {
                out.writeBytes("run of a driver that was killed");
            }
        }
        LockRace race = LockRace.of(MANY, () -> take(Duration.ofMillis(500), Duration.ofSeconds(4)));
        race.locks().forEach(RunLock::close);
        assertThat(race.locks()).hasSize(1);
        assertThat(race.refusals()).hasSize(MANY - 1).hasOnlyElementsOfType(JobFailedException.class);
    }
}
