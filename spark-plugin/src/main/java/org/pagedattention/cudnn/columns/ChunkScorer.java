package org.pagedattention.cudnn.columns;

import ai.rapids.cudf.ColumnVector;
import ai.rapids.cudf.Cuda;
import ai.rapids.cudf.DType;
import ai.rapids.cudf.DeviceMemoryBuffer;
import ai.rapids.cudf.Table;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.cudnn.CudnnAttention;
import org.pagedattention.cudnn.DeviceBatch;
import org.pagedattention.cudnn.DeviceTensors;
import org.pagedattention.cudnn.columns.ColumnJob.Results;
import org.pagedattention.cudnn.columns.RowBatches.RowBatch;
import org.pagedattention.cudnn.columns.StageTimes.Stage;
import org.pagedattention.paging.SequenceLengths;

/** Scores the rows of one table in GPU memory. */
final class ChunkScorer {
    private final ColumnJob job;
    private final CudnnAttention backend;
    private final StageTimes times;
    private final AttentionSpec spec;
    private final long width;

    ChunkScorer(ColumnJob job, CudnnAttention backend, StageTimes times) {
        this.job = job;
        this.backend = backend;
        this.times = times;
        spec = job.spec();
        width = spec.type().bytes();
    }

    /** What is known of a table's rows before attention. */
    private record Index(
            TensorBuffer q, TensorBuffer k, TensorBuffer v, List<SequenceLengths> lengths, List<RowBatch> batches) {}

    /**
     * The carried columns of {@code table} and the results, as the output wants them.
     *
     * @throws BadChunkException when a row cannot be scored, or its result is not finite
     */
    Scored score(Table table) {
        int rows = (int) table.getRowCount();
        Index index = times.time(Stage.INDEX, () -> index(table, rows));
        long queries = index.q().tokens();
        try (Owned<DeviceMemoryBuffer> o = new Owned<>(allocate(queries * spec.outputElements() * width));
                Owned<DeviceMemoryBuffer> lse = new Owned<>(lse(queries))) {
            times.run(Stage.ATTENTION, () -> attend(table, index, o.get(), lse.getOrNull()));
            return new Scored(output(table, index, o, lse), ScoredRows.of(index.lengths(), index.batches()));
        }
    }

    private Index index(Table table, int rows) {
        TensorBuffer q = tensor(table, job.tensors().q(), spec.queryElements());
        TensorBuffer k = tensor(table, job.tensors().k(), spec.keyElements());
        TensorBuffer v = tensor(table, job.tensors().v(), spec.valueElements());
        List<SequenceLengths> lengths = RowBatches.lengths(q, k, v, rows);
        if ((long) q.tokens() * spec.outputElements() * width > Integer.MAX_VALUE) {
            // a list column cannot hold that; a smaller chunk can be asked for
            throw new ChunkTooLargeException((long) q.tokens() * spec.outputElements() * width);
        }
        return new Index(q, k, v, lengths, RowBatches.of(lengths, job.limits()));
    }

    private TensorBuffer tensor(Table table, String name, int tokenElements) {
        return TensorBuffer.of(name, column(table, name), (int) (tokenElements * width));
    }

    private ColumnVector column(Table table, String name) {
        for (int i = 0; i < job.input().size(); i++) {
            if (job.input().get(i).name().equals(name)) {
                return table.getColumn(i);
            }
        }
        throw new IllegalArgumentException("no column " + name);
    }

    private @Nullable DeviceMemoryBuffer lse(long queries) {
        return job.results().lse().isEmpty() ? null : allocate(queries * spec.queryHeads() * Float.BYTES);
    }

    private static DeviceMemoryBuffer allocate(long bytes) {
        return DeviceMemoryBuffer.allocate(Math.max(Long.BYTES, bytes));
    }

    private void attend(Table table, Index index, DeviceMemoryBuffer o, @Nullable DeviceMemoryBuffer lse) {
        // decoding ran on this thread's stream, attention runs on others
        Cuda.DEFAULT_STREAM.sync();
        attend(index, o, lse);
        long outputs = (long) index.q().tokens() * spec.outputElements();
        if (Finite.all(o, outputs, spec.type())) {
            return;
        }
        requireFiniteInput(table);
        throw new BadChunkException(
                "results are not finite in rows " + NonFiniteRows.of(o, index.q(), spec) + " of the chunk");
    }

    private void requireFiniteInput(Table table) {
        for (String name :
                List.of(job.tensors().q(), job.tensors().k(), job.tensors().v())) {
            if (!TensorBuffer.isFinite(column(table, name), spec.type())) {
                throw new BadChunkException("column " + name + " holds a value that is not finite");
            }
        }
    }

    private void attend(Index index, DeviceMemoryBuffer o, @Nullable DeviceMemoryBuffer lse) {
        Deque<DeviceBatch> running = new ArrayDeque<>();
        try {
            for (RowBatch batch : index.batches()) {
                running.add(backend.attend(spec, batch.pages(), tensors(index, batch.firstRow(), o, lse)));
            }
        } finally {
            closeAll(running);
        }
    }

    private static void closeAll(Deque<DeviceBatch> running) {
        RuntimeException failure = null;
        while (!running.isEmpty()) {
            try {
                running.remove().close();
            } catch (RuntimeException e) {
                failure = failure == null ? e : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private DeviceTensors tensors(Index index, int row, DeviceMemoryBuffer o, @Nullable DeviceMemoryBuffer lse) {
        long query = index.q().start(row);
        long key = index.k().start(row);
        return new DeviceTensors(
                index.q().address() + query * spec.queryElements() * width,
                index.k().address() + key * spec.keyElements() * width,
                index.v().address() + key * spec.valueElements() * width,
                index.k().tokens() - key,
                o.getAddress() + query * spec.outputElements() * width,
                lse == null ? 0 : lse.getAddress() + query * spec.queryHeads() * Float.BYTES);
    }

    private Table output(Table table, Index index, Owned<DeviceMemoryBuffer> o, Owned<DeviceMemoryBuffer> lse) {
        Results results = job.results();
        try (ColumnList columns = new ColumnList()) {
            job.carried().forEach(name -> columns.add(column(table, name).incRefCount()));
            float[][] vectors = results.wantsVectors()
                    ? times.time(Stage.POOL, () -> new Vectors(spec, results, o.get()).of(index.q()))
                    : new float[0][];
            if (!results.output().isEmpty()) {
                int[] starts = scaled(index.q().starts(), (int) (spec.outputElements() * width));
                columns.add(ResultColumns.lists(DType.UINT8, o.release(), starts));
            }
            if (!results.lse().isEmpty()) {
                int[] starts = scaled(index.q().starts(), spec.queryHeads());
                columns.add(ResultColumns.lists(DType.FLOAT32, lse.release(), starts));
            }
            if (!results.pooled().isEmpty()) {
                columns.add(ResultColumns.vectors(vectors, spec.outputElements()));
            }
            if (!results.score().isEmpty()) {
                columns.add(ColumnVector.fromDoubles(Vectors.scores(vectors, results)));
            }
            if (!results.error().isEmpty()) {
                columns.add(ResultColumns.nulls((int) table.getRowCount()));
            }
            return columns.table();
        }
    }

    private static int[] scaled(int[] starts, int factor) {
        int[] scaled = new int[starts.length];
        for (int i = 0; i < starts.length; i++) {
            scaled[i] = Math.multiplyExact(starts[i], factor);
        }
        return scaled;
    }
}
