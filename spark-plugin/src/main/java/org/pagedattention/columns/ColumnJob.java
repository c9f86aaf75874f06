package org.pagedattention.columns;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.paging.BatchLimits;

/**
 * What is to be done with every row of some Parquet files. Holds names and numbers only.
 *
 * @param spec the attention, its type that of the tensor columns
 * @param input columns of the files, in their order
 * @param tensors names of q, k and v
 * @param carried names of the columns that go into the output untouched, in their order
 * @param results what is computed
 * @param output how the output is written
 * @param limits of one call of cuDNN, which copies nothing, so that their bytes do not count
 * @param pageSize tokens of a page
 */
public record ColumnJob(
        AttentionSpec spec,
        List<Column> input,
        Tensors tensors,
        List<String> carried,
        Results results,
        Output output,
        BatchLimits limits,
        int pageSize)
        implements Serializable {

    /** How a column travels. */
    public enum Kind {
        PLAIN,
        BINARY,
        TIMESTAMP
    }

    /** A column of the input. */
    public record Column(String name, Kind kind) implements Serializable {}

    /** Names of the tensor columns. */
    public record Tensors(String q, String k, String v) implements Serializable {}

    /**
     * Result columns; an empty name leaves one out.
     *
     * @param output name of the attention output
     * @param lse name of the log-sum-exp
     * @param pooled name of the pooled vectors
     * @param score name of the scores
     * @param error name of a column that is null for every row
     * @param pooling makes vectors and scores; null when neither is wanted
     */
    public record Results(
            String output,
            String lse,
            String pooled,
            String score,
            String error,
            @Nullable Pool pooling) implements Serializable {

        boolean wantsVectors() {
            return !pooled.isEmpty() || !score.isEmpty();
        }

        /** What makes vectors; only where they are wanted. */
        public Pool pool() {
            return Objects.requireNonNull(pooling, "vectors are wanted, but nothing makes them");
        }
    }

    /**
     * How the output is written.
     *
     * @param compression of all columns
     * @param metadata key-value pairs of the footer
     */
    public record Output(CompressionCodecName compression, Map<String, String> metadata) implements Serializable {}

    /** Makes one vector of a sequence's output, and a number of that. */
    public interface Pool extends Serializable {

        /** Whether the last token's output is all that {@link #vector} looks at. */
        boolean lastTokenOnly();

        /** The vector for {@code o}, {@code [tokens, width]}; no tokens give zeros. */
        float[] vector(float[] o, int width);

        double score(float[] vector);
    }

    Kind kind(String name) {
        return input.stream()
                .filter(column -> column.name().equals(name))
                .map(Column::kind)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no column " + name));
    }
}
