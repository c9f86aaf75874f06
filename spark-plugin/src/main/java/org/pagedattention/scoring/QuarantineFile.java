package org.pagedattention.scoring;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.unsafe.types.UTF8String;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/** Bad rows of one task attempt: for each, its bytes as Spark holds them and what is wrong with it. */
final class QuarantineFile implements AutoCloseable {
    private final Path path;
    private final SerializableConfiguration hadoop;
    private final CollectionAccumulator<String> finished;
    private @Nullable DataOutputStream out;

    QuarantineFile(Path path, SerializableConfiguration hadoop, CollectionAccumulator<String> finished) {
        this.path = path;
        this.hadoop = hadoop;
        this.finished = finished;
    }

    void write(UnsafeRow row, String error) {
        try {
            DataOutputStream stream = stream();
            byte[] bytes = row.getBytes();
            stream.writeInt(bytes.length);
            stream.write(bytes);
            byte[] text = UTF8String.fromString(error).getBytes();
            stream.writeInt(text.length);
            stream.write(text);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Makes the file part of the run, when there is one. */
    void finish() {
        if (out == null) {
            return;
        }
        try {
            out.close();
        } catch (IOException e) {
            throw failure(e);
        }
        out = null;
        finished.add(path.toString());
    }

    /** Lets go of the file; where {@link #finish} was not called, it stays out of the run. */
    @Override
    public void close() {
        DataOutputStream open = out;
        out = null;
        try {
            if (open != null) {
                open.close();
            }
        } catch (IOException e) {
            // its task failed, for a reason that matters more, and nobody reads the file
        }
    }

    private DataOutputStream stream() throws IOException {
        if (out == null) {
            out = path.getFileSystem(hadoop.value()).create(path, true);
        }
        return out;
    }

    private UncheckedIOException failure(IOException e) {
        return new UncheckedIOException("cannot write bad rows to " + path + ": " + e.getMessage(), e);
    }

    /** Reads a file back: each row with its error behind. */
    static final class Rows implements Iterator<InternalRow> {
        private final DataInputStream in;
        private final int fields;
        private final Path path;
        private int nextSize;

        Rows(Path path, SerializableConfiguration hadoop, int fields) throws IOException {
            this.path = path;
            this.fields = fields;
            in = new DataInputStream(
                    new BufferedInputStream(path.getFileSystem(hadoop.value()).open(path)));
            readSize();
        }

        @Override
        public boolean hasNext() {
            return nextSize >= 0;
        }

        @Override
        public InternalRow next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            try {
                UnsafeRow row = new UnsafeRow(fields);
                row.pointTo(in.readNBytes(nextSize), nextSize);
                byte[] text = in.readNBytes(in.readInt());
                readSize();
                return new JoinedRow(row, new GenericInternalRow(new Object[] {UTF8String.fromBytes(text)}));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read bad rows from " + path + ": " + e.getMessage(), e);
            }
        }

        private void readSize() throws IOException {
            byte[] header = in.readNBytes(Integer.BYTES);
            if (header.length == 0) {
                nextSize = -1;
                in.close();
            } else {
                nextSize = ByteBuffer.wrap(header).getInt();
            }
        }
    }
}
