package org.pagedattention.direct.parquet;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.Util;

/** Writes Parquet pages at the end of a file, compressed as its columns are. */
final class PageWriter {
    private final TaskFile file;
    private final BytesInputCompressor compressor;
    private final CompressionCodec codec;

    PageWriter(TaskFile file, BytesInputCompressor compressor) {
        this.file = file;
        this.compressor = compressor;
        codec = CompressionCodec.valueOf(
                compressor.getCodecName().getParquetCompressionCodec().name());
    }

    CompressionCodec codec() {
        return codec;
    }

    boolean compresses() {
        return codec != CompressionCodec.UNCOMPRESSED;
    }

    /** Bytes of the file so far. */
    long position() {
        return file.bytes();
    }

    /**
     * Writes a page.
     *
     * @param header of the page; its sizes are set here
     * @param plain the page's bytes, not compressed
     * @return its size before compression, the header included
     */
    long write(PageHeader header, List<ByteBuffer> plain) throws IOException {
        long plainBytes = size(plain);
        List<ByteBuffer> stored = compresses() ? List.of(compressed(plain)) : plain;
        header.setUncompressed_page_size(Math.toIntExact(plainBytes));
        header.setCompressed_page_size(Math.toIntExact(size(stored)));
        header.unsetCrc();
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        Util.writePageHeader(header, encoded);
        List<ByteBuffer> all = new ArrayList<>(stored.size() + 1);
        all.add(ByteBuffer.wrap(encoded.toByteArray()));
        all.addAll(stored);
        file.write(all);
        return encoded.size() + plainBytes;
    }

    private ByteBuffer compressed(List<ByteBuffer> plain) throws IOException {
        BytesInput compressed = compressor.compress(BytesInput.from(plain));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(Math.toIntExact(compressed.size()));
        compressed.writeAllTo(bytes);
        return ByteBuffer.wrap(bytes.toByteArray());
    }

    private static long size(List<ByteBuffer> buffers) {
        return buffers.stream().mapToLong(ByteBuffer::remaining).sum();
    }
}
