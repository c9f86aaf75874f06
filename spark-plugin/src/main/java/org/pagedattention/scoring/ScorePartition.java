package org.pagedattention.scoring;

import java.util.Iterator;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.util.TaskCompletionListener;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.executor.ExecutorBackends;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.tensor.ElementType;

/** The function that Spark runs on each partition. */
final class ScorePartition implements FlatMapFunction<Iterator<InternalRow>, InternalRow> {
    private static final long serialVersionUID = 1;

    private final RowLayout layout;
    private final ScoringOptions options;
    private final ScoringCounters counters;
    private final @Nullable Quarantine quarantine;

    ScorePartition(
            RowLayout layout, ScoringOptions options, ScoringCounters counters, @Nullable Quarantine quarantine) {
        this.layout = layout;
        this.options = options;
        this.counters = counters;
        this.quarantine = quarantine;
    }

    @Override
    public Iterator<InternalRow> call(Iterator<InternalRow> rows) {
        TaskContext task = TaskContext.get();
        AttentionBackend backend =
                ExecutorBackends.get(options.conf().backend(), options.conf().backendSettings(task.cpus()));
        AttentionSpec spec = options.spec().withType(computeType(backend));
        QuarantineFile file = quarantine == null ? null : quarantine.open(task);
        BadRows badRows = new BadRows(layout, options, counters, task.partitionId(), file);
        ResultEncoder encoder = new ResultEncoder(options, layout.q().array(), spec);
        PhaseClock clock = new PhaseClock();
        PartitionScorer scorer = new PartitionScorer(
                rows,
                new RowReader(layout, spec, badRows),
                options.conf().batchLimits(backend.name()).maxSequences(),
                new BatchRunner(backend, spec, options, encoder, badRows, counters, clock),
                badRows,
                counters,
                clock);
        if (file != null) {
            // after the scorer, which may still write: listeners are called last to first
            TaskCompletionListener letGo = done -> file.close();
            task.addTaskCompletionListener(letGo);
        }
        TaskCompletionListener close = done -> scorer.close();
        task.addTaskCompletionListener(close);
        return scorer;
    }

    private ElementType computeType(AttentionBackend backend) {
        ElementType asked = options.computeType();
        if (asked != null) {
            if (!backend.supports(asked)) {
                throw new IllegalArgumentException("backend " + backend.name() + " cannot compute in " + asked
                        + ": set --compute-dtype to bf16 or fp16, or --backend to cpu");
            }
            return asked;
        }
        ElementType stored = options.spec().type();
        return backend.supports(stored) ? stored : ElementType.BF16;
    }
}
