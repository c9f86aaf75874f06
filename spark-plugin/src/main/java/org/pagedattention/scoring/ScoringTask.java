package org.pagedattention.scoring;

import java.util.Iterator;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.storage.BlockManagerId;
import org.apache.spark.util.TaskCompletionListener;
import org.jspecify.annotations.Nullable;

/** The function that Spark runs on each partition. */
final class ScoringTask implements FlatMapFunction<Iterator<InternalRow>, InternalRow> {
    private static final long serialVersionUID = 1;

    private final WorkloadPlan plan;
    private final RowLayout layout;
    private final ScoringCounters counters;
    private final @Nullable Quarantine quarantine;

    ScoringTask(WorkloadPlan plan, RowLayout layout, ScoringCounters counters, @Nullable Quarantine quarantine) {
        this.plan = plan;
        this.layout = layout;
        this.counters = counters;
        this.quarantine = quarantine;
    }

    @Override
    public Iterator<InternalRow> call(Iterator<InternalRow> rows) {
        TaskContext task = TaskContext.get();
        Workload<?> workload = plan.open(task.cpus());
        // listeners are called last to first: what comes later may still use it
        TaskCompletionListener giveBack = done -> workload.close();
        task.addTaskCompletionListener(giveBack);
        QuarantineFile file = quarantine == null ? null : quarantine.open(task);
        TaskFigures figures = new TaskFigures(counters, place());
        BadRows badRows = new BadRows(layout, figures, task.partitionId(), file);
        RowPipeline<?> pipeline =
                new RowPipeline<>(workload.rows(rows), new TaskParts<>(workload, layout, badRows, figures));
        if (file != null) {
            // after the pipeline, which may still write
            TaskCompletionListener letGo = done -> file.close();
            task.addTaskCompletionListener(letGo);
        }
        TaskCompletionListener close = done -> pipeline.close();
        task.addTaskCompletionListener(close);
        return pipeline;
    }

    private static String place() {
        BlockManagerId here = SparkEnv.get().blockManager().blockManagerId();
        return here.executorId() + " on " + here.host();
    }
}
