package org.pagedattention.columns;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.request.Emit;
import org.pagedattention.request.ScoringOptions;

/**
 * What is to be done with every row of some Parquet files.
 *
 * @param options what is computed of which columns, in the type of the tensor columns
 * @param input columns of the files, in their order
 * @param error name of a column that is null for every row; empty for none
 * @param output how the output is written
 */
public record ColumnJob(ScoringOptions options, List<Column> input, String error, Output output)
        implements Serializable {

    /** How a column travels. */
    public enum Kind {
        PLAIN,
        BINARY,
        TIMESTAMP
    }

    /** A column of the input. */
    public record Column(String name, Kind kind) implements Serializable {}

    /**
     * How the output is written.
     *
     * @param compression of all columns
     * @param metadata key-value pairs of the footer
     */
    public record Output(CompressionCodecName compression, Map<String, String> metadata) implements Serializable {}

    /** Names of the columns that go into the output untouched, in their order. */
    public List<String> carried() {
        List<String> tensors = options.columns().names();
        return input.stream()
                .map(Column::name)
                .filter(name -> !tensors.contains(name))
                .toList();
    }

    /** Name of the column of the attention output. */
    public String attentionColumn() {
        return Emit.O.column();
    }

    AttentionSpec spec() {
        return options.spec();
    }

    boolean wants(Emit result) {
        return options.emit().contains(result);
    }

    Kind kind(String name) {
        return input.stream()
                .filter(column -> column.name().equals(name))
                .map(Column::kind)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no column " + name));
    }
}
