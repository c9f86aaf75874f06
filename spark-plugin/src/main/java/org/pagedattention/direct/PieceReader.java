package org.pagedattention.direct;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.pagedattention.gpu.cudf.HostImage;

/** Brings pieces into host memory as the Parquet files that they are. */
final class PieceReader {
    /** What Hadoop's streams are asked for at once. */
    private static final int STREAM_CHUNK = 8 << 20;

    private final Configuration hadoop;

    PieceReader(Configuration hadoop) {
        this.hadoop = hadoop;
    }

    /** The piece as a file in host memory; the caller closes it. */
    HostImage read(Piece piece) {
        HostImage image = HostImage.allocate(piece.imageBytes());
        try {
            fill(piece, image::slice);
            return image;
        } catch (IOException e) {
            image.close();
            throw new UncheckedIOException("cannot read " + piece.path() + ": " + e.getMessage(), e);
        } catch (RuntimeException | Error e) {
            image.close();
            throw e;
        }
    }

    /** Memory from an offset on, at most so many bytes; may be less than asked for. */
    @FunctionalInterface
    interface Target {
        ByteBuffer slice(long offset, long limit);
    }

    /** Reads the piece, as the file that it is, into {@code image}. */
    void fill(Piece piece, Target image) throws IOException {
        image.slice(0, Piece.MAGIC.length).put(Piece.MAGIC);
        long end = Piece.MAGIC.length + piece.bytes();
        image.slice(end, piece.footer().length).put(piece.footer());
        Path path = new Path(piece.path());
        FileSystem files = path.getFileSystem(hadoop);
        if (files instanceof LocalFileSystem local) {
            readLocal(local.pathToFile(path).toPath(), piece, image);
        } else {
            readStream(files, path, piece, image);
        }
    }

    /** Straight into the image, without the stream's array between. */
    private static void readLocal(java.nio.file.Path file, Piece piece, Target image) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            for (long done = 0; done < piece.bytes(); ) {
                ByteBuffer target = image.slice(Piece.MAGIC.length + done, piece.bytes() - done);
                int count = channel.read(target, piece.start() + done);
                if (count < 0) {
                    throw new EOFException("the file ends at byte " + (piece.start() + done));
                }
                done += count;
            }
        }
    }

    private static void readStream(FileSystem files, Path path, Piece piece, Target image) throws IOException {
        byte[] chunk = new byte[(int) Math.min(STREAM_CHUNK, piece.bytes())];
        try (FSDataInputStream in = files.open(path)) {
            for (long done = 0; done < piece.bytes(); done += chunk.length) {
                int count = (int) Math.min(chunk.length, piece.bytes() - done);
                in.readFully(piece.start() + done, chunk, 0, count);
                image.slice(Piece.MAGIC.length + done, count).put(chunk, 0, count);
            }
        }
    }
}
