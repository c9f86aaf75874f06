package org.pagedattention.columns;

import ai.rapids.cudf.ColumnWriterOptions;
import ai.rapids.cudf.CompressionType;
import ai.rapids.cudf.Cuda;
import ai.rapids.cudf.DeviceMemoryBuffer;
import ai.rapids.cudf.HostBufferConsumer;
import ai.rapids.cudf.ParquetWriterOptions;
import ai.rapids.cudf.Table;
import ai.rapids.cudf.TableWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.columns.ColumnJob.Kind;
import org.pagedattention.columns.EncodedFile.Values;
import org.pagedattention.executor.Tally;
import org.pagedattention.gpu.cudf.HostImage;
import org.pagedattention.request.Emit;

/**
 * Brings scored rows to the host. cuDF encodes all columns but the attention output, which is copied as it is: cuDF gives
 * each value to one thread, which takes 18 ns a byte, and a long sequence's output has many.
 */
final class RowEncoder {
    private final ColumnJob job;
    private final ParquetWriterOptions options;

    RowEncoder(ColumnJob job) {
        this.job = job;
        options = options(job);
    }

    /**
     * The rows on the host; the caller closes them, and what came in.
     *
     * @param table all columns but the attention output; null when there is no other
     * @param output the attention output; null when it is not wanted
     * @param queryStarts index of each row's first query token, and behind the last
     * @param tally what was scored
     */
    EncodedRows encode(@Nullable Table table, @Nullable DeviceMemoryBuffer output, int[] queryStarts, Tally tally) {
        HostParts columns = new HostParts();
        HostParts copied = new HostParts();
        int rows = queryStarts.length - 1;
        try {
            Values values = null;
            if (output != null) {
                int unit = job.spec().outputElements() * job.spec().type().bytes();
                copy(output, (long) queryStarts[rows] * unit, copied);
                values = new Values(copied, queryStarts, unit);
            }
            encode(table, columns);
            return new EncodedRows(rows, columns, copied, values, tally);
        } catch (RuntimeException | Error e) {
            columns.close();
            copied.close();
            throw e;
        }
    }

    private static void copy(DeviceMemoryBuffer source, long bytes, HostParts target) {
        HostImage image = HostImage.allocate(bytes);
        target.add(image);
        if (bytes > 0) {
            image.buffer().copyFromMemoryBuffer(0, source, 0, bytes, Cuda.DEFAULT_STREAM);
        }
    }

    private void encode(@Nullable Table table, HostParts target) {
        if (table != null) {
            HostBufferConsumer consumer = (buffer, bytes) -> target.add(new HostImage(buffer, bytes));
            try (TableWriter writer = Table.writeParquetChunked(options, consumer, HostImage.allocator())) {
                writer.write(table);
            }
        }
    }

    private static ParquetWriterOptions options(ColumnJob job) {
        ParquetWriterOptions.Builder builder = ParquetWriterOptions.builder();
        for (String name : job.carried()) {
            add(builder, name, job.kind(name));
        }
        for (Emit floats : List.of(Emit.LSE, Emit.POOLED)) {
            if (job.wants(floats)) {
                builder.withListColumn(ColumnWriterOptions.listBuilder(floats.column(), true)
                        .withColumns(false, "element")
                        .build());
            }
        }
        if (job.wants(Emit.SCORE)) {
            add(builder, Emit.SCORE.column(), Kind.PLAIN);
        }
        if (!job.error().isEmpty()) {
            add(builder, job.error(), Kind.PLAIN);
        }
        // tensors never repeat and nobody asks for the smallest, but looking for both takes most of the time
        builder.withDictionaryPolicy(ParquetWriterOptions.DictionaryPolicy.NEVER);
        builder.withStatisticsFrequency(ParquetWriterOptions.StatisticsFrequency.NONE);
        // compressed on its way into the file
        builder.withCompressionType(CompressionType.NONE);
        // one row group, however many rows
        builder.withRowGroupSizeRows(Integer.MAX_VALUE);
        builder.withRowGroupSizeBytes(Integer.MAX_VALUE);
        return builder.build();
    }

    private static void add(ParquetWriterOptions.Builder builder, String name, Kind kind) {
        switch (kind) {
            case PLAIN -> builder.withColumns(true, name);
            case BINARY -> builder.withBinaryColumn(name, true);
            case TIMESTAMP -> builder.withTimestampColumn(name, false, true);
        }
    }
}
