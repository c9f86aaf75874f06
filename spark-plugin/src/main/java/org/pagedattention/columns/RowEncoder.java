package org.pagedattention.columns;

import ai.rapids.cudf.ColumnWriterOptions;
import ai.rapids.cudf.CompressionType;
import ai.rapids.cudf.Cuda;
import ai.rapids.cudf.DeviceMemoryBuffer;
import ai.rapids.cudf.HostBufferConsumer;
import ai.rapids.cudf.ParquetWriterOptions;
import ai.rapids.cudf.Table;
import ai.rapids.cudf.TableWriter;
import org.jspecify.annotations.Nullable;
import org.pagedattention.columns.ColumnJob.Kind;
import org.pagedattention.columns.ColumnJob.Results;
import org.pagedattention.columns.EncodedFile.Values;
import org.pagedattention.gpu.cudf.HostImage;

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

    /** The rows of {@code scored}; the caller closes them. */
    EncodedRows encode(Scored scored) {
        HostParts columns = new HostParts();
        HostParts output = new HostParts();
        try {
            Values values = null;
            DeviceMemoryBuffer o = scored.output();
            if (o != null) {
                int unit = job.spec().outputElements() * job.spec().type().bytes();
                copy(o, (long) scored.queryStarts()[scored.rows()] * unit, output);
                values = new Values(output, scored.queryStarts(), unit);
            }
            encode(scored.columns(), columns);
            return new EncodedRows(scored.rows(), columns, output, values);
        } catch (RuntimeException | Error e) {
            columns.close();
            output.close();
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
        Results results = job.results();
        addFloats(builder, results.lse());
        addFloats(builder, results.pooled());
        if (!results.score().isEmpty()) {
            add(builder, results.score(), Kind.PLAIN);
        }
        if (!results.error().isEmpty()) {
            add(builder, results.error(), Kind.PLAIN);
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

    private static void addFloats(ParquetWriterOptions.Builder builder, String name) {
        if (!name.isEmpty()) {
            builder.withListColumn(ColumnWriterOptions.listBuilder(name, true)
                    .withColumns(false, "element")
                    .build());
        }
    }
}
