package org.pagedattention.direct;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.columns.ColumnJob;
import org.pagedattention.columns.ColumnJob.Column;
import org.pagedattention.columns.ColumnJob.Kind;
import org.pagedattention.direct.parquet.NotDirectException;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.scoring.SequenceScorer;
import org.pagedattention.scoring.TableScorer;
import org.pagedattention.tensor.ElementType;

/** Says which columns go through the GPU and how, or which one cannot. */
final class DirectColumns {
    /** What Spark reads its own schema from. */
    private static final String SPARK_SCHEMA = "org.apache.spark.sql.parquet.row.metadata";

    private static final Set<DataType> PLAIN = Set.of(
            DataTypes.BooleanType,
            DataTypes.ByteType,
            DataTypes.ShortType,
            DataTypes.IntegerType,
            DataTypes.LongType,
            DataTypes.FloatType,
            DataTypes.DoubleType,
            DataTypes.StringType,
            DataTypes.DateType);

    private DirectColumns() {}

    /**
     * The job for a table with {@code input}'s columns.
     *
     * @param compression as Spark names it
     * @throws NotDirectException when a column, type or codec cannot go through the GPU
     */
    static ColumnJob job(StructType input, ScoringOptions options, String compression) {
        StructType output = SequenceScorer.outputSchema(input, options);
        requireComputable(options);
        List<String> tensors = options.columns().names();
        List<Column> columns = Arrays.stream(input.fields())
                .map(field -> new Column(field.name(), kind(field, tensors.contains(field.name()))))
                .toList();
        return new ColumnJob(
                options,
                columns,
                options.marksBadRows() ? TableScorer.ERROR_COLUMN : "",
                new ColumnJob.Output(
                        codec(compression),
                        Map.of(SPARK_SCHEMA, output.asNullable().json())));
    }

    private static void requireComputable(ScoringOptions options) {
        AttentionSpec spec = options.spec();
        ElementType compute = options.computeType() == null ? spec.type() : options.computeType();
        if (spec.type() == ElementType.FP32 || compute != spec.type()) {
            throw new NotDirectException("tensors of " + spec.type()
                    + " are rounded to another type on their way to the GPU, which rows do: store them as fp16 or bf16"
                    + " BINARY, and compute in that type");
        }
    }

    private static Kind kind(StructField field, boolean tensor) {
        DataType type = field.dataType();
        if (tensor && !type.equals(DataTypes.BinaryType)) {
            throw new NotDirectException("tensor column " + field.name() + " is " + type.simpleString()
                    + ", which rows round to 16 bits: store it as fp16 or bf16 BINARY");
        }
        if (field.name().indexOf('.') >= 0) {
            throw new NotDirectException(
                    "column " + field.name() + " has a dot in its name, which cuDF takes for a path");
        }
        if (type.equals(DataTypes.BinaryType)) {
            return Kind.BINARY;
        }
        if (type.equals(DataTypes.TimestampType)) {
            return Kind.TIMESTAMP;
        }
        if (PLAIN.contains(type)) {
            return Kind.PLAIN;
        }
        throw new NotDirectException("column " + field.name() + " is " + type.simpleString()
                + ", which does not go through cuDF here: leave it out, or take the row path");
    }

    /** Codecs that Spark brings with it. */
    private static CompressionCodecName codec(String compression) {
        return switch (compression) {
            case "none", "uncompressed" -> CompressionCodecName.UNCOMPRESSED;
            case "snappy", "gzip", "zstd", "lz4_raw" -> CompressionCodecName.fromConf(compression);
            default ->
                throw new NotDirectException("it writes no Parquet with spark.sql.parquet.compression.codec="
                        + compression + ": set it to none, snappy, gzip, zstd or lz4_raw");
        };
    }
}
