package org.pagedattention.direct.parquet;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Type;
import org.pagedattention.columns.EncodedFile.Values;

/** Writes a binary column whose values are all there: plain pages, made of the values where they lie. */
final class OutputColumn {
    /** A page with this many bytes is full; a larger value has a page of its own. */
    private static final int PAGE_BYTES = 1 << 20;

    private final String name;
    private final PageWriter pages;

    OutputColumn(String name, PageWriter pages) {
        this.name = name;
        this.pages = pages;
    }

    /** The column's place in a schema. */
    SchemaElement schema() {
        SchemaElement element = new SchemaElement(name);
        element.setType(Type.BYTE_ARRAY);
        element.setRepetition_type(FieldRepetitionType.OPTIONAL);
        return element;
    }

    /** Writes all of {@code values} at the end of {@code file}. */
    ColumnChunk write(Values values) throws IOException {
        long start = pages.position();
        long plainBytes = 0;
        for (int first = 0; first < values.count(); ) {
            int end = pageEnd(values, first);
            plainBytes += pages.write(header(end - first), page(values, first, end));
            first = end;
        }
        ColumnMetaData data = new ColumnMetaData(
                Type.BYTE_ARRAY,
                List.of(Encoding.PLAIN, Encoding.RLE),
                List.of(name),
                pages.codec(),
                values.count(),
                plainBytes,
                pages.position() - start,
                start);
        ColumnChunk chunk = new ColumnChunk(0);
        chunk.setMeta_data(data);
        return chunk;
    }

    private static int pageEnd(Values values, int first) {
        int end = first + 1;
        while (end < values.count() && bytes(values, first, end + 1) <= PAGE_BYTES) {
            end++;
        }
        return end;
    }

    /** With the values' lengths: those of empty ones are all that fills a page. */
    private static long bytes(Values values, int first, int end) {
        return values.start(end) - values.start(first) + (long) Integer.BYTES * (end - first);
    }

    private static PageHeader header(int count) {
        PageHeader header = new PageHeader(PageType.DATA_PAGE, 0, 0);
        header.setData_page_header(new DataPageHeader(count, Encoding.PLAIN, Encoding.RLE, Encoding.RLE));
        return header;
    }

    /** Levels that say that every value is there, then each value behind its length. */
    private static List<ByteBuffer> page(Values values, int first, int end) {
        ByteBuffer numbers =
                ByteBuffer.allocate(16 + Integer.BYTES * (end - first)).order(ByteOrder.LITTLE_ENDIAN);
        putLevels(numbers, end - first);
        List<ByteBuffer> page = new ArrayList<>();
        int from = 0;
        for (int i = first; i < end; i++) {
            numbers.putInt(Math.toIntExact(values.start(i + 1) - values.start(i)));
            page.add(numbers.slice(from, numbers.position() - from));
            from = numbers.position();
            page.addAll(values.bytes().slices(values.start(i), values.start(i + 1)));
        }
        return page;
    }

    /** One run of ones, behind its length. */
    private static void putLevels(ByteBuffer target, int count) {
        int at = target.position();
        target.position(at + Integer.BYTES);
        int run = count << 1;
        while (run > 0x7f) {
            target.put((byte) (run | 0x80));
            run >>>= 7;
        }
        target.put((byte) run).put((byte) 1);
        target.putInt(at, target.position() - at - Integer.BYTES);
    }
}
