package org.pagedattention.jobs.bench;

import java.util.HashMap;
import java.util.Map;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.StageInfo;
import org.pagedattention.jobs.cli.Timeline;

/** Puts Spark's stages, and the first task of each, into the {@link Timeline}. Public, since Spark makes it by its name. */
public final class StageTimeline extends SparkListener {
    private final Map<Integer, Timeline.Part> firstTasks = new HashMap<>();

    @Override
    public void onTaskEnd(SparkListenerTaskEnd task) {
        firstTasks.putIfAbsent(
                task.stageId(),
                new Timeline.Part(
                        "  its first task",
                        task.taskInfo().launchTime(),
                        task.taskInfo().finishTime()));
    }

    @Override
    public void onStageCompleted(SparkListenerStageCompleted completed) {
        StageInfo stage = completed.stageInfo();
        if (stage.submissionTime().isDefined() && stage.completionTime().isDefined()) {
            Timeline.add(
                    "stage " + stage.stageId() + ", " + stage.numTasks() + " tasks, " + stage.name(),
                    (long) stage.submissionTime().get(),
                    (long) stage.completionTime().get());
            Timeline.Part first = firstTasks.remove(stage.stageId());
            if (first != null) {
                Timeline.add(first.name(), first.start(), first.end());
            }
        }
    }
}
