package org.pagedattention.jobs.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLockTest {
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final Duration FOR_EVER = Duration.ofHours(1);

    @TempDir
    Path table;

    private final StringWriter err = new StringWriter();
    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = table.resolve("_running");
    }

    private RunLock take(Duration renewal, Duration patience) {
        return RunLock.take(
                new org.apache.hadoop.fs.Path(table.toString()),
                new RunLock.Pace(renewal, patience),
                new Configuration(),
                new PrintWriter(err, true));
    }

    /** As the driver leaves it that was killed: Hadoop's local checksum goes with it. */
    private void leave(String text) throws IOException {
        Files.deleteIfExists(table.resolve("._running.crc"));
        Files.writeString(file, text);
    }

    @Test
    void aRunThatEndedStandsInNobodysWay() {
        take(FOR_EVER, FOR_EVER).close();
        assertThat(file).doesNotExist();
        take(FOR_EVER, FOR_EVER).close();
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void aRunThatLivesIsNotDisturbed() {
        try (RunLock first = take(SHORT, FOR_EVER)) {
            assertThatThrownBy(() -> take(SHORT, Duration.ofSeconds(20)))
                    .isInstanceOf(JobFailedException.class)
                    .hasMessageContaining("another run works on")
                    .hasMessageContaining("since 20");
            assertThatCode(first::requireHeld).doesNotThrowAnyException();
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void whatAKilledRunLeftIsTakenOver() throws IOException {
        leave("run of another host");
        try (RunLock lock = take(FOR_EVER, SHORT)) {
            assertThatCode(lock::requireHeld).doesNotThrowAnyException();
            assertThat(err.toString()).contains("_running is there (run of another host): waiting up to");
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void whoWillReplaceTheTableWaitsForWhatAKilledRunLeftAndTakesItAway() throws IOException {
        requireNone();
        assertThat(err.toString()).isEmpty();
        leave("run of another host");
        requireNone();
        assertThat(err.toString()).contains("_running is there (run of another host): waiting up to");
        assertThat(table).isEmptyDirectory();
    }

    private void requireNone() {
        RunLock.requireNone(
                new org.apache.hadoop.fs.Path(table.toString()),
                new RunLock.Pace(FOR_EVER, SHORT),
                new Configuration(),
                new PrintWriter(err, true));
    }

    @Test
    void whatARunLeftThatWasKilledWhileItWroteIsTakenOver() throws IOException {
        try (RunLock lock = take(FOR_EVER, FOR_EVER)) {
            // no more what its checksum says
            Files.writeString(file, "half");
            try (RunLock next = take(FOR_EVER, SHORT)) {
                assertThatCode(next::requireHeld).doesNotThrowAnyException();
                assertThatThrownBy(lock::requireHeld).hasMessageContaining("another run took over");
            }
        }
    }

    @Test
    void aRunThatEndsWhileAnotherWaitsMakesRoom() throws IOException {
        leave("run of another host");
        CompletableFuture<RunLock> waiting = CompletableFuture.supplyAsync(() -> take(FOR_EVER, Duration.ofMinutes(2)));
        while (err.toString().isEmpty()) {
            Thread.onSpinWait();
        }
        Files.delete(file);
        RunLock lock = waiting.join();
        assertThatCode(lock::requireHeld).doesNotThrowAnyException();
        lock.close();
    }

    @Test
    void aRunThatLostItsLockSaysSoAndLeavesItToTheOther() throws IOException {
        RunLock lock = take(SHORT, FOR_EVER);
        leave("run of another host");
        assertThatThrownBy(lock::requireHeld)
                .isInstanceOf(JobFailedException.class)
                .hasMessageContaining("another run took over");
        lock.close();
        assertThat(file).hasContent("run of another host");
    }
}
