package org.pagedattention.direct.parquet;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/** Brings pieces into memory as the Parquet files that they are. */
public final class PieceReader {
    /** What Hadoop's streams are asked for at once. */
    private static final int STREAM_CHUNK = 8 << 20;

    private final Configuration hadoop;

    public PieceReader(Configuration hadoop) {
        this.hadoop = hadoop;
    }

    /** Memory from an offset on, at most so many bytes; may be less than asked for. */
    @FunctionalInterface
    public interface Target {
        ByteBuffer slice(long offset, long limit);
    }

    /** Reads the piece, as the file that it is, into {@code image}. */
    public void fill(Piece piece, Target image) throws IOException {
        image.slice(0, Piece.BODY).put(Piece.magic());
        long end = Piece.BODY + piece.bytes();
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
                ByteBuffer target = image.slice(Piece.BODY + done, piece.bytes() - done);
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
                image.slice(Piece.BODY + done, count).put(chunk, 0, count);
            }
        }
    }
}
