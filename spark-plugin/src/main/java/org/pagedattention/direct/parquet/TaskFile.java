package org.pagedattention.direct.parquet;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/** The file that a task writes; replaces what a broken-off try of the same attempt left. */
public final class TaskFile implements AutoCloseable {
    /** What Hadoop's streams are given at once. */
    private static final int STREAM_CHUNK = 8 << 20;

    /** Buffers of one call; what lies behind is for the next one, because systems take no more than this. */
    private static final int AT_ONCE = 1024;

    private final GatheringByteChannel channel;
    private long bytes;

    private TaskFile(GatheringByteChannel channel) {
        this.channel = channel;
    }

    public static TaskFile create(Path path, Configuration hadoop) throws IOException {
        FileSystem files = path.getFileSystem(hadoop);
        if (files instanceof LocalFileSystem local) {
            // straight from the GPU's host buffers; checksum files, which only Hadoop reads, are left out
            java.nio.file.Path file = local.pathToFile(path).toPath();
            Files.createDirectories(file.getParent());
            return new TaskFile(FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE));
        }
        return new TaskFile(new StreamChannel(files.create(path, true)));
    }

    /** Appends all bytes of {@code sources}. */
    public void write(List<ByteBuffer> sources) throws IOException {
        ByteBuffer[] buffers = sources.toArray(new ByteBuffer[0]);
        for (int first = 0; first < buffers.length; ) {
            if (buffers[first].hasRemaining()) {
                bytes += channel.write(buffers, first, Math.min(AT_ONCE, buffers.length - first));
            } else {
                first++;
            }
        }
    }

    public long bytes() {
        return bytes;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** A stream that takes direct buffers piecewise. */
    private static final class StreamChannel implements GatheringByteChannel {
        private final OutputStream stream;
        private final byte[] chunk = new byte[STREAM_CHUNK];
        private boolean open = true;

        StreamChannel(OutputStream stream) {
            this.stream = stream;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            int count = Math.min(chunk.length, source.remaining());
            source.get(chunk, 0, count);
            stream.write(chunk, 0, count);
            return count;
        }

        @Override
        public long write(ByteBuffer[] sources) throws IOException {
            return write(sources, 0, sources.length);
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
            long count = 0;
            for (int i = offset; i < offset + length; i++) {
                while (sources[i].hasRemaining()) {
                    count += write(sources[i]);
                }
            }
            return count;
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void close() throws IOException {
            open = false;
            stream.close();
        }
    }
}
