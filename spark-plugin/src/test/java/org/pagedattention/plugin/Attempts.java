package org.pagedattention.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.spark.TaskContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.SparkSession;

/** The attempts that a session's tasks ended with, told as they end. */
final class Attempts extends SparkListener {
    /** What became of an attempt. */
    private record Attempt(int stage, int index, String host, boolean speculative, boolean successful) {
        boolean rivals(Attempt other) {
            return stage == other.stage && index == other.index && speculative != other.speculative;
        }
    }

    private final SparkSession spark;
    private final Collection<Attempt> ended = new ConcurrentLinkedQueue<>();

    private Attempts(SparkSession spark) {
        this.spark = spark;
    }

    /** Attempts from now on. */
    static Attempts of(SparkSession spark) {
        Attempts attempts = new Attempts(spark);
        spark.sparkContext().addSparkListener(attempts);
        return attempts;
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
        ended.add(new Attempt(
                end.stageId(),
                end.taskInfo().index(),
                end.taskInfo().host(),
                end.taskInfo().speculative(),
                end.taskInfo().successful()));
    }

    /** Holds the first attempt of the calling task until the second is here, so that both want to commit. */
    static void waitForTheSecond(String marker) throws IOException, InterruptedException {
        if (TaskContext.get().attemptNumber() > 0) {
            Files.createFile(Path.of(marker));
        }
        while (Files.notExists(Path.of(marker))) {
            Thread.sleep(20);
        }
    }

    /** Waits until one task is seen to have run twice, on two hosts, and one of the attempts to have come to nothing. */
    void expectOneTooMany() {
        try {
            for (int tick = 0; tick < 600 && ended.stream().noneMatch(this::beatenOrBeat); tick++) {
                Thread.sleep(50);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            spark.sparkContext().removeSparkListener(this);
        }
        assertThat(ended).as("attempts").anyMatch(this::beatenOrBeat);
    }

    private boolean beatenOrBeat(Attempt second) {
        return second.speculative
                && ended.stream()
                        .anyMatch(first -> first.rivals(second)
                                && !first.host.equals(second.host)
                                && first.successful != second.successful);
    }
}
