package org.pagedattention.jobs.table;

import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.schema.MessageType;

/**
 * Holds what a Parquet file's footer says of its rows against what it says of their values. Where the two differ, Spark's
 * vectorised reader leaves rows out, or repeats one for each that is not there.
 */
final class FooterCounts {
    private FooterCounts() {}

    /**
     * Refuses a file whose row groups have other numbers of rows than their columns have values.
     *
     * @throws JobFailedException naming the file, the row group and the column
     */
    static void require(ParquetMetadata footer, Path file) {
        MessageType columns = footer.getFileMetaData().getSchema();
        for (int i = 0; i < footer.getBlocks().size(); i++) {
            BlockMetaData group = footer.getBlocks().get(i);
            for (ColumnChunkMetaData column : group.getColumns()) {
                String[] path = column.getPath().toArray();
                boolean oneEach = columns.getMaxRepetitionLevel(path) == 0;
                long values = column.getValueCount();
                if (oneEach ? values != group.getRowCount() : values < group.getRowCount()) {
                    throw new JobFailedException(file + " is damaged, or its writer was at fault: row group " + i
                            + " has " + group.getRowCount() + " rows, and its column " + String.join(".", path) + " "
                            + values + " values: restore or remove the file, or write it anew");
                }
            }
        }
    }
}
