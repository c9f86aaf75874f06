package org.pagedattention.direct.parquet;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SizeStatistics;
import org.apache.parquet.format.Type;
import org.apache.parquet.format.Util;
import org.pagedattention.columns.HostBytes;

/** Reads Parquet footers and cuts files into pieces. */
public final class Footers {
    private static final int TRAILER = 8;
    /** Of pages that hold values as they are, and of what says which of them are null. */
    private static final Set<Encoding> PLAIN = EnumSet.of(Encoding.PLAIN, Encoding.RLE, Encoding.BIT_PACKED);

    /** Bytes of an INT96. */
    private static final long LONGEST_NUMBER = 12;

    private Footers() {}

    /**
     * Reads the footer of {@code path}.
     *
     * @throws NotDirectException when it is no plain Parquet file
     */
    public static FileMetaData read(FileSystem files, Path path) throws IOException {
        FileStatus status = files.getFileStatus(path);
        try (FSDataInputStream in = files.open(path)) {
            byte[] trailer = new byte[TRAILER];
            if (status.getLen() < TRAILER + Piece.MAGIC.length) {
                throw new NotDirectException(path + " has " + status.getLen() + " bytes, too few for a Parquet file");
            }
            in.readFully(status.getLen() - TRAILER, trailer);
            long start = status.getLen() - TRAILER - length(trailer);
            if (!Arrays.equals(trailer, Integer.BYTES, TRAILER, Piece.MAGIC, 0, Piece.MAGIC.length) || start < 0) {
                throw new NotDirectException(path + " does not end like a plain Parquet file");
            }
            byte[] footer = new byte[length(trailer)];
            in.readFully(start, footer);
            return Util.readFileMetaData(new ByteArrayInputStream(footer));
        }
    }

    /** Reads the footer of a Parquet file in memory. */
    public static FileMetaData read(HostBytes file) throws IOException {
        long end = file.size() - TRAILER;
        int length = length(bytes(file, end, file.size()));
        return Util.readFileMetaData(new ByteArrayInputStream(bytes(file, end - length, end)));
    }

    private static byte[] bytes(HostBytes file, long from, long to) {
        ByteBuffer bytes = ByteBuffer.allocate((int) (to - from));
        file.slices(from, to).forEach(bytes::put);
        return bytes.array();
    }

    private static int length(byte[] trailer) {
        return ByteBuffer.wrap(trailer).order(ByteOrder.LITTLE_ENDIAN).getInt();
    }

    /** What a Parquet file ends with. */
    static byte[] encode(FileMetaData footer) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Util.writeFileMetaData(footer, bytes);
        byte[] length = new byte[Integer.BYTES];
        ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).putInt(bytes.size());
        bytes.write(length);
        bytes.write(Piece.MAGIC);
        return bytes.toByteArray();
    }

    /**
     * Cuts a file into pieces of about the same size, {@code maxBytes} or less and up to a row group more.
     *
     * @param footer of the file; changed by this
     */
    public static List<Piece> pieces(String path, FileMetaData footer, long maxBytes) throws IOException {
        List<RowGroup> groups = footer.getRow_groups().stream()
                .filter(group -> group.getNum_rows() > 0)
                .toList();
        long bytes =
                groups.stream().mapToLong(group -> end(group) - start(group)).sum();
        long share = bytes / Math.max(1, (bytes + maxBytes - 1) / maxBytes);
        List<Piece> pieces = new ArrayList<>();
        List<RowGroup> taken = new ArrayList<>();
        long done = 0;
        long next = share;
        for (RowGroup group : groups) {
            taken.add(group);
            done += end(group) - start(group);
            if (done >= next) {
                pieces.add(piece(path, footer, taken));
                taken = new ArrayList<>();
                // behind a large row group the rest is shared out anew
                next = next + share > done ? next + share : done + share;
            }
        }
        if (!taken.isEmpty()) {
            pieces.add(piece(path, footer, taken));
        }
        return pieces;
    }

    private static Piece piece(String path, FileMetaData footer, List<RowGroup> groups) throws IOException {
        long start = groups.stream().mapToLong(Footers::start).min().orElseThrow();
        long end = groups.stream().mapToLong(Footers::end).max().orElseThrow();
        long rows = groups.stream().mapToLong(RowGroup::getNum_rows).sum();
        long plainBytes = plainBytes(groups);
        groups.forEach(group -> move(group, Piece.MAGIC.length - start));
        FileMetaData own = new FileMetaData(footer.getVersion(), footer.getSchema(), rows, groups);
        own.setCreated_by(footer.getCreated_by());
        return new Piece(path, start, end - start, rows, plainBytes, encode(own));
    }

    private static long plainBytes(List<RowGroup> groups) {
        long bytes = 0;
        for (RowGroup group : groups) {
            for (ColumnChunk chunk : group.getColumns()) {
                long column = plainBytes(chunk.getMeta_data());
                if (column == Piece.UNKNOWN) {
                    return column;
                }
                bytes += column;
            }
        }
        return bytes;
    }

    /** Encoded values may stand for many times their bytes; newer writers say what they come to. */
    private static long plainBytes(ColumnMetaData data) {
        boolean ofAnyLength = data.getType() == Type.BYTE_ARRAY || data.getType() == Type.FIXED_LEN_BYTE_ARRAY;
        if (!ofAnyLength) {
            return Math.max(data.getTotal_uncompressed_size(), data.getNum_values() * LONGEST_NUMBER);
        }
        if (!hasDictionary(data) && PLAIN.containsAll(data.getEncodings())) {
            return data.getTotal_uncompressed_size();
        }
        SizeStatistics sizes = data.getSize_statistics();
        return sizes != null && sizes.isSetUnencoded_byte_array_data_bytes()
                ? sizes.getUnencoded_byte_array_data_bytes()
                : Piece.UNKNOWN;
    }

    /** Moves all that a row group says of places in its file; indexes, which lie elsewhere, are left behind. */
    static void move(RowGroup group, long by) {
        group.unsetFile_offset();
        for (ColumnChunk chunk : group.getColumns()) {
            ColumnMetaData data = chunk.getMeta_data();
            if (hasDictionary(data)) {
                data.setDictionary_page_offset(data.getDictionary_page_offset() + by);
            }
            data.setData_page_offset(data.getData_page_offset() + by);
            data.unsetIndex_page_offset();
            data.unsetBloom_filter_offset();
            data.unsetBloom_filter_length();
            chunk.setFile_offset(0);
            chunk.unsetOffset_index_offset();
            chunk.unsetOffset_index_length();
            chunk.unsetColumn_index_offset();
            chunk.unsetColumn_index_length();
        }
    }

    /** First byte of the row group. */
    static long start(RowGroup group) {
        return group.getColumns().stream()
                .map(ColumnChunk::getMeta_data)
                .mapToLong(Footers::start)
                .min()
                .orElseThrow();
    }

    /** The byte behind the row group. */
    static long end(RowGroup group) {
        return group.getColumns().stream()
                .map(ColumnChunk::getMeta_data)
                .mapToLong(data -> start(data) + data.getTotal_compressed_size())
                .max()
                .orElseThrow();
    }

    /** First byte of the column. */
    static long start(ColumnMetaData data) {
        return hasDictionary(data) ? data.getDictionary_page_offset() : data.getData_page_offset();
    }

    /** Some writers set the offset to 0 where there is no dictionary. */
    private static boolean hasDictionary(ColumnMetaData data) {
        return data.isSetDictionary_page_offset() && data.getDictionary_page_offset() > 0;
    }
}
