package org.pagedattention.columns;

import ai.rapids.cudf.ColumnVector;
import ai.rapids.cudf.Cuda;
import ai.rapids.cudf.DType;
import ai.rapids.cudf.DeviceMemoryBuffer;
import ai.rapids.cudf.Table;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.DeviceAttention;
import org.pagedattention.backend.DeviceBatch;
import org.pagedattention.backend.DeviceTensors;
import org.pagedattention.columns.RowBatches.RowBatch;
import org.pagedattention.conf.BackendName;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Stage;
import org.pagedattention.executor.StageTimes;
import org.pagedattention.executor.Tally;
import org.pagedattention.gpu.Attempt;
import org.pagedattention.gpu.GpuOutOfMemoryException;
import org.pagedattention.paging.BatchLimits;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.request.Emit;
import org.pagedattention.request.LinearHead;
import org.pagedattention.request.QkvColumns;

/** Scores rows of one table in GPU memory, and brings them to the host. */
final class ChunkScorer {
    /** A page, with a few bytes about the value, holds less than 2^31 bytes. */
    private static final long LARGEST_VALUE = Integer.MAX_VALUE - 64;

    private final ColumnJob job;
    private final DeviceAttention backend;
    private final StageTimes times;
    private final RowEncoder encoder;
    private final AttentionSpec spec;
    private final long width;

    ChunkScorer(ColumnJob job, DeviceAttention backend, StageTimes times) {
        this.job = job;
        this.backend = backend;
        this.times = times;
        encoder = new RowEncoder(job);
        spec = job.spec();
        width = spec.type().bytes();
    }

    /** What is known of a table's rows before attention. */
    record Index(TensorBuffer q, TensorBuffer k, TensorBuffer v, List<SequenceLengths> lengths) {

        int rows() {
            return lengths.size();
        }

        private Index slice(int from, int to) {
            return new Index(q.slice(from, to), k.slice(from, to), v.slice(from, to), lengths.subList(from, to));
        }
    }

    /**
     * Finds out where the rows of {@code table} lie.
     *
     * @throws BadChunkException when a row cannot be scored
     */
    Index index(Table table) {
        return times.time(Stage.INDEX, () -> {
            TensorBuffer q = tensor(table, names().q(), spec.queryElements());
            TensorBuffer k = tensor(table, names().k(), spec.keyElements());
            TensorBuffer v = tensor(table, names().v(), spec.valueElements());
            requireValues(q);
            requireBounded(table);
            return new Index(q, k, v, RowBatches.lengths(q, k, v, (int) table.getRowCount()));
        });
    }

    /** Scores beyond their range leave no trace in the output. The row path computes such rows otherwise. */
    private void requireBounded(Table table) {
        float q = TensorBuffer.largest(column(table, names().q()), spec.type());
        float k = TensorBuffer.largest(column(table, names().k()), spec.type());
        if (!spec.boundsScores(q, k, backend.scoreExponent())) {
            throw new BadChunkException(
                    "columns " + names().q() + " and " + names().k() + " hold values of magnitude up to " + q + " and "
                            + k + ", whose scores may be too large for the GPU");
        }
    }

    /** An output value is one value of a column. */
    private void requireValues(TensorBuffer q) {
        for (int row = 0; row < q.starts().length - 1; row++) {
            long bytes = width * q.tokens(row) * spec.outputElements();
            if (bytes > LARGEST_VALUE) {
                throw new BadChunkException("row " + row + " of the chunk has an output of " + bytes
                        + " bytes, and a value holds " + LARGEST_VALUE);
            }
        }
    }

    /**
     * The carried columns of some rows of {@code table} and the results, as the output wants them; the caller closes them.
     *
     * @param from first row
     * @param to row behind the last
     * @throws BadChunkException when a result is not finite
     */
    EncodedRows score(Table table, Index whole, int from, int to) {
        Index index = whole.slice(from, to);
        PagedAttentionConf conf = job.options().conf();
        // cuDNN copies nothing here, so that bytes do not count
        BatchLimits limits = conf.batch().limits(BackendName.CUDNN.toString());
        List<RowBatch> batches =
                RowBatches.of(index.lengths(), limits, conf.page().size());
        Tally tally = Tally.of(index.lengths()).add(Figure.BATCHES, batches.size());
        long queries = index.q().tokens();
        try (Owned<DeviceMemoryBuffer> o = new Owned<>(allocate(queries * spec.outputElements() * width));
                Owned<DeviceMemoryBuffer> lse = new Owned<>(lse(queries))) {
            times.run(Stage.ATTENTION, () -> {
                // decoding ran on this thread's stream, attention runs on others
                Cuda.DEFAULT_STREAM.sync();
                attend(index, batches, o.get(), lse.getOrNull());
                requireFinite(table, index, o.get());
            });
            try (Table columns = columns(table, index, from, o.get(), lse)) {
                if (!job.wants(Emit.O)) {
                    o.close();
                }
                return times.time(
                        Stage.ENCODE,
                        () -> encoder.encode(columns, o.getOrNull(), index.q().starts(), tally));
            }
        }
    }

    private QkvColumns names() {
        return job.options().columns();
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
        if (!job.wants(Emit.LSE)) {
            return null;
        }
        long bytes = queries * spec.queryHeads() * Float.BYTES;
        if (bytes / Float.BYTES > Integer.MAX_VALUE) {
            // fewer rows can be asked for
            throw new GpuOutOfMemoryException("room in one column, which holds 2^31 numbers", bytes, -1);
        }
        return allocate(bytes);
    }

    private static DeviceMemoryBuffer allocate(long bytes) {
        return DeviceMemoryBuffer.allocate(Math.max(Long.BYTES, bytes));
    }

    private void requireFinite(Table table, Index index, DeviceMemoryBuffer o) {
        long outputs = (long) index.q().tokens() * spec.outputElements();
        if (!Magnitudes.allFinite(o, 0, outputs, spec.type())) {
            requireFiniteInput(table);
            throw new BadChunkException(
                    "results are not finite in rows " + NonFiniteRows.of(o, index.q(), spec) + " of the chunk");
        }
    }

    private void requireFiniteInput(Table table) {
        for (String name : names().names()) {
            if (!Float.isFinite(TensorBuffer.largest(column(table, name), spec.type()))) {
                throw new BadChunkException("column " + name + " holds a value that is not finite");
            }
        }
    }

    private void attend(Index index, List<RowBatch> batches, DeviceMemoryBuffer o, @Nullable DeviceMemoryBuffer lse) {
        Deque<DeviceBatch> running = new ArrayDeque<>();
        Attempt.andThen(
                () -> {
                    for (RowBatch batch : batches) {
                        running.add(backend.attend(spec, batch.pages(), tensors(index, batch.firstRow(), o, lse)));
                    }
                },
                () -> closeAll(running));
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

    /** All columns but the attention output; null when there is no other. */
    private @Nullable Table columns(
            Table table, Index index, int from, DeviceMemoryBuffer o, Owned<DeviceMemoryBuffer> lse) {
        int rows = index.rows();
        try (ColumnList columns = new ColumnList()) {
            job.carried().forEach(name -> columns.add(rows(column(table, name), from, from + rows)));
            if (job.wants(Emit.LSE)) {
                int[] starts = scaled(index.q().starts(), spec.queryHeads());
                columns.add(ResultColumns.lists(DType.FLOAT32, lse.release(), starts));
            }
            if (job.wants(Emit.POOLED) || job.wants(Emit.SCORE)) {
                addVectors(index, o, columns);
            }
            if (!job.error().isEmpty()) {
                columns.add(ResultColumns.nulls(rows));
            }
            return columns.tableOrNull();
        }
    }

    private void addVectors(Index index, DeviceMemoryBuffer o, ColumnList columns) {
        float[][] vectors = times.time(Stage.POOL, () -> new PooledVectors(job.options(), o).of(index.q()));
        if (job.wants(Emit.POOLED)) {
            columns.add(ResultColumns.vectors(vectors, spec.outputElements()));
        }
        if (job.wants(Emit.SCORE)) {
            LinearHead head = Objects.requireNonNull(job.options().head(), "a score without a head");
            columns.add(ColumnVector.fromDoubles(
                    Arrays.stream(vectors).mapToDouble(head::score).toArray()));
        }
    }

    private static ColumnVector rows(ColumnVector column, int from, int to) {
        boolean whole = from == 0 && to == column.getRowCount();
        return whole ? column.incRefCount() : column.subVector(from, to);
    }

    private static int[] scaled(int[] starts, int factor) {
        int[] scaled = new int[starts.length];
        for (int i = 0; i < starts.length; i++) {
            scaled[i] = Math.multiplyExact(starts[i], factor);
        }
        return scaled;
    }
}
