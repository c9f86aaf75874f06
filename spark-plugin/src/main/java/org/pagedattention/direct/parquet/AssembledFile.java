package org.pagedattention.direct.parquet;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.ColumnOrder;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.KeyValue;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.TypeDefinedOrder;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.spark.SparkBuildInfo;
import org.jspecify.annotations.Nullable;
import org.pagedattention.columns.ColumnJob;
import org.pagedattention.columns.EncodedFile;
import org.pagedattention.columns.HostBytes;

/** Makes one Parquet file of row groups whose columns come encoded, and puts the attention output among them. */
public final class AssembledFile implements EncodedFile, AutoCloseable {
    private static final int PAGE_BUFFER = 1 << 20;

    /**
     * In the form that readers take apart to learn whether a writer's statistics are right. Of a name alone they ignore the
     * statistics, and say so at length.
     */
    private static final String CREATED_BY =
            "paged-attention-spark version " + version() + " (build for Spark " + SparkBuildInfo.spark_version() + ")";

    private final TaskFile file;
    private final ColumnJob job;
    private final CodecFactory codecs;
    private final PageWriter pages;
    private final ColumnCopy copy;
    private final OutputColumn column;
    private final List<RowGroup> groups = new ArrayList<>();
    private @Nullable FileMetaData footer;

    /**
     * @param hadoop says how hard to compress
     */
    public AssembledFile(TaskFile file, ColumnJob job, Configuration hadoop) {
        this.file = file;
        this.job = job;
        codecs = new CodecFactory(hadoop, PAGE_BUFFER);
        pages = new PageWriter(file, codecs.getCompressor(job.output().compression()));
        copy = new ColumnCopy(pages);
        column = new OutputColumn(job.attentionColumn(), pages);
    }

    @Override
    public void append(int rows, HostBytes columns, @Nullable Values output) throws IOException {
        if (file.bytes() == 0) {
            file.write(List.of(Piece.magic()));
        }
        FileMetaData part = columns.size() == 0 ? empty(rows) : Footers.read(columns);
        if (part.getRow_groups().size() != 1 || part.getNum_rows() != rows) {
            throw new IllegalStateException("cuDF made " + part.getRow_groups().size() + " row groups of "
                    + part.getNum_rows() + " rows: one of " + rows + " was expected");
        }
        RowGroup group = part.getRow_groups().get(0);
        int place = job.carried().size();
        // readers take the first column for the beginning of a row group
        if (output != null && place == 0) {
            ColumnChunk first = column.write(output);
            append(group, columns);
            group.getColumns().add(0, first);
        } else {
            append(group, columns);
            if (output != null) {
                group.getColumns().add(place, column.write(output));
            }
        }
        groups.add(withSizes(group));
        if (footer == null) {
            footer = output == null ? part : withOutput(part, place);
        }
    }

    private void append(RowGroup group, HostBytes columns) throws IOException {
        if (columns.size() > 0 && pages.compresses()) {
            Footers.move(group, 0);
            for (ColumnChunk chunk : group.getColumns()) {
                copy.move(chunk, columns);
            }
        } else if (columns.size() > 0) {
            long start = Footers.start(group);
            long end = Footers.end(group);
            Footers.move(group, file.bytes() - start);
            file.write(columns.slices(start, end));
        }
    }

    private FileMetaData withOutput(FileMetaData part, int place) {
        SchemaElement root = part.getSchema().get(0);
        root.setNum_children(root.getNum_children() + 1);
        // carried columns have one element each
        part.getSchema().add(1 + place, column.schema());
        if (part.isSetColumn_orders()) {
            // one for each column, without which readers ignore its statistics
            part.getColumn_orders().add(place, ColumnOrder.TYPE_ORDER(new TypeDefinedOrder()));
        }
        return part;
    }

    private static FileMetaData empty(int rows) {
        SchemaElement root = new SchemaElement("schema");
        root.setNum_children(0);
        List<RowGroup> group = List.of(new RowGroup(new ArrayList<>(), 0, rows));
        return new FileMetaData(1, new ArrayList<>(List.of(root)), rows, group);
    }

    private static RowGroup withSizes(RowGroup group) {
        List<ColumnMetaData> columns =
                group.getColumns().stream().map(ColumnChunk::getMeta_data).toList();
        group.setTotal_byte_size(columns.stream()
                .mapToLong(ColumnMetaData::getTotal_uncompressed_size)
                .sum());
        group.setTotal_compressed_size(columns.stream()
                .mapToLong(ColumnMetaData::getTotal_compressed_size)
                .sum());
        group.unsetFile_offset();
        group.unsetOrdinal();
        return group;
    }

    /** Writes the footer. */
    public void finish() throws IOException {
        FileMetaData whole = footer;
        if (whole == null) {
            throw new IllegalStateException("a Parquet file without rows");
        }
        whole.setRow_groups(groups);
        whole.setNum_rows(groups.stream().mapToLong(RowGroup::getNum_rows).sum());
        whole.setCreated_by(CREATED_BY);
        whole.setKey_value_metadata(new ArrayList<>());
        for (Map.Entry<String, String> entry : job.output().metadata().entrySet()) {
            KeyValue value = new KeyValue(entry.getKey());
            value.setValue(entry.getValue());
            whole.addToKey_value_metadata(value);
        }
        file.write(List.of(ByteBuffer.wrap(Footers.encode(whole))));
    }

    /** This build's, which the build writes into a resource: a manifest would be lost when jars are put together. */
    private static String version() {
        try (InputStream text = Objects.requireNonNull(AssembledFile.class.getResourceAsStream("version.txt"))) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        codecs.release();
    }
}
