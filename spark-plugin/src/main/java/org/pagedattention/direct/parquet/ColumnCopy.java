package org.pagedattention.direct.parquet;

import java.io.IOException;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;
import org.pagedattention.columns.HostBytes;

/**
 * Moves columns into another file and compresses them on the way. With snappy on an H200, cuDF took about 100 ms to encode
 * the pooled vectors of a piece, and without 23; to compress and write them here takes 4.
 */
final class ColumnCopy {
    private final PageWriter pages;

    ColumnCopy(PageWriter pages) {
        this.pages = pages;
    }

    /**
     * Writes the column at the end of the file.
     *
     * @param chunk of uncompressed pages without indexes; says afterwards where they lie in the new file
     * @param source holds the pages
     */
    void move(ColumnChunk chunk, HostBytes source) throws IOException {
        ColumnMetaData data = chunk.getMeta_data();
        if (data.getCodec() != CompressionCodec.UNCOMPRESSED) {
            throw new IllegalStateException("column " + data.getPath_in_schema() + " came as " + data.getCodec());
        }
        long from = Footers.start(data);
        long bytes = data.getTotal_compressed_size();
        long start = pages.position();
        long plainBytes = 0;
        long firstData = -1;
        ByteBufferInputStream in = ByteBufferInputStream.wrap(source.slices(from, from + bytes));
        while (in.position() < bytes) {
            PageHeader header = Util.readPageHeader(in);
            if (header.getType() == PageType.DATA_PAGE_V2) {
                throw new IllegalStateException(
                        "column " + data.getPath_in_schema() + " has pages of version 2, whose levels stay plain");
            }
            if (header.getType() == PageType.DICTIONARY_PAGE) {
                data.setDictionary_page_offset(pages.position());
            } else if (firstData < 0) {
                firstData = pages.position();
            }
            plainBytes += pages.write(header, in.sliceBuffers(header.getCompressed_page_size()));
        }
        data.setData_page_offset(firstData);
        data.setCodec(pages.codec());
        data.setTotal_uncompressed_size(plainBytes);
        data.setTotal_compressed_size(pages.position() - start);
    }
}
