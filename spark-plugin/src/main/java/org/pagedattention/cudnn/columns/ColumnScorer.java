package org.pagedattention.cudnn.columns;

import ai.rapids.cudf.DType;
import ai.rapids.cudf.ParquetChunkedReader;
import ai.rapids.cudf.ParquetOptions;
import ai.rapids.cudf.Table;
import java.util.concurrent.Semaphore;
import org.pagedattention.attention.AttentionBackend;
import org.pagedattention.cudnn.CudnnAttention;
import org.pagedattention.cudnn.columns.ColumnJob.Column;
import org.pagedattention.cudnn.columns.ColumnJob.Kind;
import org.pagedattention.cudnn.columns.StageTimes.Stage;
import org.pagedattention.gpu.GpuOutOfMemoryException;
import org.pagedattention.gpu.cudf.Cudf;
import org.pagedattention.gpu.cudf.CudfErrors;
import org.pagedattention.gpu.cudf.CudfMemoryRequest;
import org.pagedattention.gpu.cudf.HostImage;

/**
 * Scores Parquet file images from host memory into one output file. For one thread; several of them share a GPU, as many
 * at a time as the semaphore lets in.
 */
public final class ColumnScorer implements AutoCloseable {
    private final ColumnJob job;
    private final Semaphore gpu;
    private final long chunkBytes;
    private final StageTimes times;
    private final ChunkScorer scorer;
    private final ParquetSink sink;
    private ScoredRows rows = ScoredRows.NONE;

    /**
     * @param backend must be cuDNN's
     * @param gpu lets as many threads use the GPU at once as there is memory for
     * @param chunkBytes of decoded columns that are worked on at a time
     */
    public ColumnScorer(
            ColumnJob job,
            AttentionBackend backend,
            Semaphore gpu,
            long chunkBytes,
            EncodedFile file,
            StageTimes times) {
        this.job = job;
        this.gpu = gpu;
        this.chunkBytes = chunkBytes;
        this.times = times;
        scorer = new ChunkScorer(job, cudnn(backend), times);
        sink = CudfErrors.call("a Parquet writer", 0, () -> new ParquetSink(job, file));
    }

    /**
     * Makes sure that cuDF has memory on the device of {@code backend}.
     *
     * @return bytes of GPU memory that columns may take
     */
    public static long prepare(AttentionBackend backend, CudfMemoryRequest request) {
        return Cudf.start(cudnn(backend).deviceIndex(), request);
    }

    private static CudnnAttention cudnn(AttentionBackend backend) {
        if (backend instanceof CudnnAttention cudnn) {
            return cudnn;
        }
        throw new IllegalArgumentException("columns in GPU memory need the cudnn backend, not " + backend.name());
    }

    /**
     * Scores all rows of the file in {@code image}.
     *
     * @throws GpuOutOfMemoryException when smaller chunks may fit; the output is lost then
     * @throws BadChunkException when some row is bad; the output is lost then
     */
    public void score(HostImage image) {
        times.run(Stage.WAIT, gpu::acquireUninterruptibly);
        try {
            CudfErrors.call("a chunk of columns", chunkBytes, () -> scoreChunks(image));
        } catch (ChunkTooLargeException e) {
            GpuOutOfMemoryException smaller = new GpuOutOfMemoryException("room in one column", chunkBytes, -1);
            smaller.initCause(e);
            throw smaller;
        } finally {
            gpu.release();
        }
        times.run(Stage.WRITE, sink::flush);
    }

    /** Ends the output file. */
    public void finish() {
        CudfErrors.call("a Parquet footer", 0, () -> {
            times.run(Stage.WRITE, sink::finish);
            return rows;
        });
    }

    /** What was scored so far. */
    public ScoredRows rows() {
        return rows;
    }

    @Override
    public void close() {
        sink.close();
    }

    private ScoredRows scoreChunks(HostImage image) {
        // decompressed pages stay in GPU memory while chunks are made of them, so they are bounded too
        try (ParquetChunkedReader reader = times.time(
                Stage.DECODE, () -> new ParquetChunkedReader(chunkBytes, 2 * chunkBytes, options(), image.buffer()))) {
            while (times.time(Stage.DECODE, reader::hasNext)) {
                try (Table table = times.time(Stage.DECODE, reader::readChunk)) {
                    scoreChunk(table);
                }
            }
        }
        return rows;
    }

    private void scoreChunk(Table table) {
        if (table.getRowCount() == 0) {
            return;
        }
        try (Scored scored = scorer.score(table)) {
            times.run(Stage.ENCODE, () -> sink.encode(scored.table()));
            rows = rows.plus(scored.rows());
        }
    }

    private ParquetOptions options() {
        ParquetOptions.Builder options = ParquetOptions.builder();
        for (Column column : job.input()) {
            options.includeColumn(column.name(), column.kind() == Kind.BINARY);
        }
        if (job.input().stream().anyMatch(column -> column.kind() == Kind.TIMESTAMP)) {
            options.withTimeUnit(DType.TIMESTAMP_MICROSECONDS);
        }
        return options.build();
    }
}
