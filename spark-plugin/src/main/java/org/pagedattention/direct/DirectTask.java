package org.pagedattention.direct;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.storage.BlockManagerId;
import org.apache.spark.util.LongAccumulator;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.columns.ColumnJob;
import org.pagedattention.columns.GpuShare;
import org.pagedattention.columns.ScoredImage;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.direct.OutputCommit.TaskCommit;
import org.pagedattention.direct.parquet.AssembledFile;
import org.pagedattention.direct.parquet.Piece;
import org.pagedattention.direct.parquet.PieceReader;
import org.pagedattention.direct.parquet.TaskFile;
import org.pagedattention.executor.ExecutorBackends;
import org.pagedattention.executor.ExecutorMetrics;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Stage;
import org.pagedattention.executor.StageTimes;
import org.pagedattention.executor.Tally;
import org.pagedattention.executor.WorkProfile;

/** The function that Spark runs on each task's pieces. Makes one output file of them. */
final class DirectTask implements FlatMapFunction<Iterator<Piece>, TaskResult> {
    private static final long serialVersionUID = 1;
    /** Pieces that a task has in work beside the one that it writes: one is read while the other one is on the GPU. */
    private static final int AHEAD = 2;

    private final ColumnJob job;
    private final OutputCommit output;
    private final int taskSlots;
    private final long tableBytes;
    private final LongAccumulator sequences;

    /**
     * @param taskSlots tasks that an executor runs at once
     * @param tableBytes of the table
     * @param sequences counts what is written
     */
    DirectTask(ColumnJob job, OutputCommit output, int taskSlots, long tableBytes, LongAccumulator sequences) {
        this.job = job;
        this.output = output;
        this.taskSlots = taskSlots;
        this.tableBytes = tableBytes;
        this.sequences = sequences;
    }

    @Override
    public Iterator<TaskResult> call(Iterator<Piece> pieces) {
        List<Piece> mine = new ArrayList<>();
        pieces.forEachRemaining(mine::add);
        if (mine.isEmpty()) {
            return List.<TaskResult>of().iterator();
        }
        TaskContext task = TaskContext.get();
        TaskCommit part = output.setupTask(task);
        boolean whole = false;
        try {
            TaskResult result = score(mine, task, part);
            whole = true;
            return List.of(result).iterator();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            // Spark throws checked exceptions that it does not declare
            if (!whole) {
                part.abort();
            }
        }
    }

    private TaskResult score(List<Piece> pieces, TaskContext task, TaskCommit part) throws IOException {
        PagedAttentionConf conf = job.options().conf();
        AttentionBackend backend = ExecutorBackends.get("cudnn", conf.backendSettings(task.cpus()));
        GpuShare gpu = ExecutorGpu.open(backend, conf, piecesAtOnce(taskSlots), tableBytes);
        Configuration hadoop = output.hadoop();
        task.killTaskIfInterrupted();
        PieceScorer scorer = new PieceScorer(job, new PieceReader(hadoop), backend, gpu);
        StageTimes times = new StageTimes();
        Tally tally = new Tally();
        WorkProfile profile = new WorkProfile();
        long began = System.currentTimeMillis();
        long counted = began;
        long outputBytes;
        try (TaskFile file = TaskFile.create(part.newFile(), hadoop);
                AssembledFile parquet = new AssembledFile(file, job, hadoop);
                WorkAhead<Piece, ScoredImage> scored = new WorkAhead<>(pieces.iterator(), AHEAD, scorer::score)) {
            for (int i = 0; i < pieces.size(); i++) {
                // nobody waits for the rest of a job that failed elsewhere, or for the slower one of two attempts
                task.killTaskIfInterrupted();
                try (ScoredImage next = scored.take()) {
                    times.add(next.times());
                    times.enter(Stage.WRITE);
                    next.moveTo(parquet);
                    times.enter(null);
                    tally.add(next.tally());
                    sequences.add(next.tally().get(Figure.SEQUENCES));
                    long now = System.currentTimeMillis();
                    profile.add(next.tally(), counted, now);
                    counted = now;
                }
            }
            parquet.finish();
            outputBytes = file.bytes();
        }
        requireAll(pieces, tally.get(Figure.SEQUENCES));
        ExecutorMetrics.add(tally.add(Figure.ATTENTION_NANOS, times.nanos(Stage.ATTENTION)));
        long inputBytes = pieces.stream().mapToLong(Piece::bytes).sum();
        BlockManagerId here = SparkEnv.get().blockManager().blockManagerId();
        profile.endTask(
                here.executorId() + " on " + here.host(),
                times,
                tally.get(Figure.SEQUENCES),
                tally.get(Figure.QUERY_TOKENS),
                System.currentTimeMillis() - began);
        return new TaskResult(part.commit(), tally, times, profile, inputBytes, outputBytes);
    }

    /** Pieces that an executor works on. */
    static int piecesAtOnce(int taskSlots) {
        return taskSlots * AHEAD;
    }

    /** A row that got lost on the way must not go unnoticed. */
    private static void requireAll(List<Piece> pieces, long scored) {
        long expected = pieces.stream().mapToLong(Piece::rows).sum();
        if (scored != expected) {
            throw new IllegalStateException("rows in and out differ: the row groups of this task hold " + expected
                    + " rows, but " + scored + " were scored");
        }
    }
}
