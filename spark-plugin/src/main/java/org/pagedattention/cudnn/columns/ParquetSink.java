package org.pagedattention.cudnn.columns;

import ai.rapids.cudf.ColumnWriterOptions;
import ai.rapids.cudf.CompressionType;
import ai.rapids.cudf.HostBufferConsumer;
import ai.rapids.cudf.HostMemoryBuffer;
import ai.rapids.cudf.ParquetWriterOptions;
import ai.rapids.cudf.Table;
import ai.rapids.cudf.TableWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.pagedattention.cudnn.columns.ColumnJob.Kind;
import org.pagedattention.cudnn.columns.ColumnJob.Results;

/**
 * Encodes tables as one Parquet file. What the GPU encoded waits in host memory until {@link #flush}, so that nobody
 * holds the GPU while a file system is slow.
 */
final class ParquetSink implements AutoCloseable {
    /** As large as a slice of host memory can be handed on at once. */
    private static final int LARGEST_SLICE = 1 << 28;

    private final Deque<Encoded> waiting = new ArrayDeque<>();
    private final EncodedFile file;
    private final TableWriter writer;
    private boolean open = true;

    /** Encoded bytes in host memory. */
    private record Encoded(HostMemoryBuffer buffer, long bytes) {}

    ParquetSink(ColumnJob job, EncodedFile file) {
        this.file = file;
        HostBufferConsumer consumer = (buffer, bytes) -> waiting.add(new Encoded(buffer, bytes));
        writer = Table.writeParquetChunked(options(job), consumer);
    }

    /** Encodes the rows of {@code table}. */
    void encode(Table table) {
        writer.write(table);
    }

    /** Hands on what is encoded. */
    void flush() {
        while (!waiting.isEmpty()) {
            Encoded next = waiting.remove();
            try (HostMemoryBuffer buffer = next.buffer()) {
                for (long at = 0; at < next.bytes(); at += LARGEST_SLICE) {
                    ByteBuffer slice = buffer.asByteBuffer(at, (int) Math.min(LARGEST_SLICE, next.bytes() - at));
                    file.write(slice);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Writes the footer. */
    void finish() {
        open = false;
        writer.close();
        flush();
    }

    /** Lets everything go; without {@link #finish} before, there is no whole file. */
    @Override
    public void close() {
        try {
            if (open) {
                open = false;
                writer.close();
            }
        } finally {
            waiting.forEach(encoded -> encoded.buffer().close());
            waiting.clear();
        }
    }

    private static ParquetWriterOptions options(ColumnJob job) {
        ParquetWriterOptions.Builder builder = ParquetWriterOptions.builder();
        for (String name : job.carried()) {
            add(builder, name, job.kind(name));
        }
        Results results = job.results();
        if (!results.output().isEmpty()) {
            add(builder, results.output(), Kind.BINARY);
        }
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
        builder.withCompressionType(compression(job.output().compression()));
        builder.withMetadata(job.output().metadata());
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

    private static CompressionType compression(String name) {
        return switch (name) {
            case "none" -> CompressionType.NONE;
            case "snappy" -> CompressionType.SNAPPY;
            case "zstd" -> CompressionType.ZSTD;
            default -> throw new IllegalArgumentException("cuDF writes no " + name);
        };
    }
}
