package org.pagedattention.columns;

import ai.rapids.cudf.DType;
import ai.rapids.cudf.ParquetChunkedReader;
import ai.rapids.cudf.ParquetOptions;
import ai.rapids.cudf.Table;
import java.util.function.Supplier;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.backend.DeviceAttention;
import org.pagedattention.columns.ColumnJob.Column;
import org.pagedattention.columns.ColumnJob.Kind;
import org.pagedattention.device.Halving;
import org.pagedattention.executor.Stage;
import org.pagedattention.executor.StageTimes;
import org.pagedattention.gpu.GpuOutOfMemoryException;
import org.pagedattention.gpu.cudf.Cudf;
import org.pagedattention.gpu.cudf.CudfErrors;
import org.pagedattention.gpu.cudf.CudfMemoryRequest;
import org.pagedattention.gpu.cudf.HostImage;

/**
 * Scores one Parquet file image from host memory. For one thread; several of them share a GPU.
 *
 * <p>Where GPU memory runs out, what was begun is freed, and the same rows are done in smaller parts: rows of a decoded
 * chunk in halves, and a chunk that cannot be decoded in smaller chunks. What was scored before stays.
 */
public final class ColumnScorer {
    private static final System.Logger LOG = System.getLogger(ColumnScorer.class.getName());

    private final ColumnJob job;
    private final GpuShare gpu;
    private final StageTimes times;
    private final ChunkScorer scorer;
    private final HostImage image;
    private final long plainBytes;
    private final ScoredImage encoded;

    private ColumnScorer(
            ColumnJob job, DeviceAttention backend, GpuShare gpu, StageTimes times, HostImage image, long plainBytes) {
        this.job = job;
        this.gpu = gpu;
        this.times = times;
        this.image = image;
        this.plainBytes = plainBytes;
        encoded = new ScoredImage(times);
        scorer = new ChunkScorer(job, backend, times);
    }

    /**
     * Makes sure that cuDF has memory on the device of {@code backend}.
     *
     * @return bytes of GPU memory that columns may take
     */
    public static long prepare(AttentionBackend backend, CudfMemoryRequest request) {
        DeviceAttention device = device(backend);
        // from now on batches take theirs from cuDF's memory too
        device.freeIdleMemory();
        return Cudf.start(device.deviceIndex(), request);
    }

    private static DeviceAttention device(AttentionBackend backend) {
        return backend.onDevice()
                .orElseThrow(() -> new IllegalArgumentException(
                        "columns in GPU memory need the cudnn backend, not " + backend.name()));
    }

    /**
     * Scores all rows of the file in {@code image}, and brings them back to the host; for any thread.
     *
     * @param backend one that attends on the device
     * @param times of this thread so far; goes on with the result
     * @param gpu shared with the other threads of this process
     * @param image closed early where one chunk holds it; otherwise it stays as it is
     * @param plainBytes of its columns when decoded; more than any GPU has where nobody knows
     * @throws BadChunkException when some row is bad, or too large for the GPU
     */
    public static ScoredImage score(
            ColumnJob job, AttentionBackend backend, GpuShare gpu, StageTimes times, HostImage image, long plainBytes) {
        DeviceAttention device = device(backend);
        ColumnScorer scorer = new ColumnScorer(job, device, gpu, times, image, plainBytes);
        times.run(Stage.WAIT, gpu::enter);
        try {
            device.bindThread();
            Cudf.bindThread();
            scorer.scoreOnGpu();
            return scorer.encoded;
        } catch (RuntimeException | Error e) {
            scorer.encoded.close();
            throw e;
        } finally {
            gpu.leave();
        }
    }

    private void scoreOnGpu() {
        for (boolean more = true; more; ) {
            // what is smaller than a chunk runs out of memory at its own size
            long chunkBytes = Math.min(gpu.chunkBytes(), plainBytes);
            try {
                scoreChunks(chunkBytes);
                more = false;
            } catch (GpuOutOfMemoryException e) {
                more = gpu.halve(chunkBytes);
                if (more) {
                    split(
                            e,
                            "chunks of " + (gpu.chunkBytes() >> 20) + " MiB instead of " + (chunkBytes >> 20) + " MiB");
                } else {
                    gpu.alone(() -> scoreOrRefuse(() -> scoreChunks(chunkBytes)));
                }
            }
        }
    }

    /** Scores the rows that are not scored yet. */
    private void scoreChunks(long chunkBytes) {
        if (plainBytes <= chunkBytes) {
            scoreWhole(chunkBytes);
            return;
        }
        // decompressed pages stay in GPU memory while chunks are made of them, so they are bounded too
        try (ParquetChunkedReader reader = decode(
                chunkBytes, () -> new ParquetChunkedReader(chunkBytes, 2 * chunkBytes, options(), image.buffer()))) {
            long first = 0;
            while (decode(chunkBytes, reader::hasNext)) {
                try (Table table = decode(chunkBytes, reader::readChunk)) {
                    long behind = first + table.getRowCount();
                    if (behind > encoded.rows()) {
                        scoreRows(table, index(table), (int) (encoded.rows() - first));
                    }
                    first = behind;
                }
            }
        }
    }

    /**
     * One chunk holds all rows: the host's memory is free for the next image while these are scored. Images above 350 MB
     * are read a third faster, too.
     */
    private void scoreWhole(long chunkBytes) {
        try (Table table = decode(chunkBytes, () -> Table.readParquet(options(), image.buffer(), 0, image.bytes()))) {
            ChunkScorer.Index index = index(table);
            // from here on memory can only run out for rows, which are tried again from the table
            image.close();
            scoreRows(table, index, (int) encoded.rows());
        }
    }

    private <T> T decode(long chunkBytes, Supplier<T> work) {
        return times.time(Stage.DECODE, () -> CudfErrors.call("a chunk of columns", chunkBytes, work));
    }

    private ChunkScorer.Index index(Table table) {
        return CudfErrors.call("offsets of a chunk", 0, () -> {
            ChunkScorer.Index index = scorer.index(table);
            Cudf.synchronize();
            return index;
        });
    }

    /** Scores the rows of {@code table} from {@code first} on. */
    private void scoreRows(Table table, ChunkScorer.Index index, int first) {
        Halving halving = new Halving(
                (from, to) -> scoreRows(table, index, from, to),
                (from, to) -> gpu.alone(() -> scoreOrRefuse(() -> scoreRows(table, index, from, to))));
        halving.run(first, index.rows());
        if (halving.splits() > 0) {
            encoded.countSplits(halving.splits());
            LOG.log(
                    System.Logger.Level.WARNING,
                    "out of GPU memory: {0} rows were scored in {1} parts",
                    index.rows() - first,
                    halving.splits() + 1);
        }
    }

    private void scoreRows(Table table, ChunkScorer.Index index, int from, int to) {
        CudfErrors.call("results of " + (to - from) + " rows", 0, () -> {
            encoded.add(scorer.score(table, index, from, to));
            return encoded;
        });
    }

    /** With the GPU for itself, what does not fit now never will. */
    private void scoreOrRefuse(Runnable work) {
        try {
            work.run();
        } catch (GpuOutOfMemoryException e) {
            BadChunkException refused = new BadChunkException(
                    "row " + encoded.rows() + " and what it comes with do not fit into the GPU: " + e.getMessage());
            refused.initCause(e);
            throw refused;
        }
    }

    private void split(GpuOutOfMemoryException reason, String what) {
        encoded.countSplits(1);
        LOG.log(System.Logger.Level.WARNING, "{0}; trying {1}", reason.getMessage(), what);
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
