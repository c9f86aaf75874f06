package org.pagedattention.jobs.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.protocol.HdfsConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.jobs.Hdfs;

/** HDFS differs from a local file system in that a file belongs to its writer until that one closes it. */
class RunLockOnHdfsTest {
    @RegisterExtension
    static final Hdfs HDFS = new Hdfs();

    private static final Duration SHORT = Duration.ofMillis(20);
    private static final Duration FOR_EVER = Duration.ofHours(1);

    private final StringWriter err = new StringWriter();
    private Path file;
    private DistributedFileSystem other;

    @BeforeEach
    void connect() throws IOException {
        file = new Path(HDFS.newFolder(), "_running");
        other = HDFS.newClient();
    }

    @AfterEach
    void disconnect() throws IOException {
        other.close();
    }

    /** As a driver of its own takes it. */
    private RunLock take(Duration renewal, Duration patience) {
        Configuration own = new Configuration();
        own.setBoolean("fs.hdfs.impl.disable.cache", true);
        return RunLock.take(file.getParent(), new RunLock.Pace(renewal, patience), own, new PrintWriter(err, true));
    }

    private String text() throws IOException {
        try (var in = other.open(file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void isWrittenAndClosedWhenItIsTakenAndGoesWhenItIsClosed() throws IOException {
        try (RunLock lock = take(FOR_EVER, FOR_EVER)) {
            assertThat(other.isFileClosed(file)).isTrue();
            assertThat(text()).startsWith("run of ").endsWith(", renewed 0 times");
            assertThatCode(lock::requireHeld).doesNotThrowAnyException();
        }
        assertThat(other.exists(file)).isFalse();
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void isThereInEveryMomentOfARenewal() throws IOException {
        Set<String> seen = new HashSet<>();
        try (RunLock lock = take(Duration.ofMillis(1), FOR_EVER)) {
            for (int i = 0; i < 100 || seen.size() < 5; i++) {
                assertThat(other.exists(file)).isTrue();
                try {
                    seen.add(HadoopFiles.read(file, 1000, new Configuration()));
                } catch (UncheckedIOException e) {
                    // the bytes were replaced between opening and reading: to another run, a sign of life as well
                    assertThat(e).hasMessageContaining("cannot read");
                }
            }
            lock.requireHeld();
        }
        assertThat(seen).doesNotContainNull();
    }

    @Test
    void goesToOneOfManyThatWantItAtOnce() {
        int many = 6;
        LockRace race = LockRace.of(many, () -> take(SHORT, Duration.ofSeconds(5)));
        assertThat(race.locks()).hasSize(1);
        assertThat(race.refusals())
                .hasSize(many - 1)
                .allSatisfy(refusal -> assertThat(refusal)
                        .isInstanceOf(JobFailedException.class)
                        .hasMessageContaining("another run works on"));
        assertThatCode(race.locks().get(0)::requireHeld).doesNotThrowAnyException();
        race.locks().get(0).close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "run of a"})
    void isTakenOverFromARunThatWasKilledWhileItWrote(String written) throws IOException {
        FSDataOutputStream left = leaveOpen(written);
        try (RunLock lock = take(FOR_EVER, SHORT)) {
            assertThatCode(lock::requireHeld).doesNotThrowAnyException();
            assertThatThrownBy(left::close).hasMessageContaining("does not have any open files");
            assertThatCode(lock::requireHeld).doesNotThrowAnyException();
        }
        assertThat(err.toString())
                .contains("_running is there (" + (written.isEmpty() ? "not readable" : written) + "): waiting up to");
    }

    @Test
    void isTakenOverWhereHdfsIsTakingTheFileFromItsWriter() throws IOException {
        FSDataOutputStream left = leaveOpen("run of a");
        HDFS.setSoftLease(1);
        try (RunLock lock = take(FOR_EVER, Duration.ofMillis(500))) {
            assertThatCode(lock::requireHeld).doesNotThrowAnyException();
            assertThatThrownBy(left::close).isInstanceOf(IOException.class);
        } finally {
            HDFS.setSoftLease(HdfsConstants.LEASE_SOFTLIMIT_PERIOD);
        }
    }

    @Test
    void isLeftToARunThatIsJustWritingIt() throws IOException {
        FSDataOutputStream stream = leaveOpen("");
        var unused = CompletableFuture.runAsync(
                () -> {
                    try {
                        stream.write("run of another host".getBytes(StandardCharsets.UTF_8));
                        stream.close();
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                },
                CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS));
        assertThatThrownBy(() -> take(FOR_EVER, Duration.ofMinutes(1)))
                .isInstanceOf(JobFailedException.class)
                .hasMessageContaining("another run works on");
        assertThat(text()).isEqualTo("run of another host");
    }

    private FSDataOutputStream leaveOpen(String written) throws IOException {
        FSDataOutputStream stream = other.create(file, false);
        stream.write(written.getBytes(StandardCharsets.UTF_8));
        stream.hflush();
        return stream;
    }
}
