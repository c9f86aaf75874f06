package org.pagedattention.direct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.Map;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.columns.ColumnJob;
import org.pagedattention.columns.ColumnJob.Kind;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.direct.parquet.NotDirectException;
import org.pagedattention.request.Emit;
import org.pagedattention.request.Pooling;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.tensor.ElementType;

class DirectColumnsTest {

    @Test
    void keepsCarriedColumnsInOrderAndNamesResults() {
        StructType input = tensors(DataTypes.BinaryType)
                .add("id", DataTypes.LongType)
                .add("at", DataTypes.TimestampType)
                .add("raw", DataTypes.BinaryType);
        ColumnJob job = DirectColumns.job(input, options(ElementType.BF16), "snappy");
        assertThat(job.carried()).containsExactly("id", "at", "raw");
        assertThat(job.input())
                .extracting(ColumnJob.Column::kind)
                .containsExactly(Kind.BINARY, Kind.BINARY, Kind.BINARY, Kind.PLAIN, Kind.TIMESTAMP, Kind.BINARY);
        assertThat(job.attentionColumn()).isEqualTo("o");
        assertThat(job.error()).isEmpty();
        assertThat(job.output().compression()).isEqualTo(CompressionCodecName.SNAPPY);
        assertThat(job.output().metadata().get("org.apache.spark.sql.parquet.row.metadata"))
                .contains("\"name\":\"pooled\"");
    }

    @Test
    void hasAColumnOfErrorsWhereBadRowsStay() {
        ScoringOptions marking = ScoringOptions.builder(new AttentionSpec(2, 1, 8, 8, ElementType.BF16, Mask.none(), 1))
                .conf(PagedAttentionConf.parse(Map.of(PagedAttentionConf.PREFIX + "onBadRow", "null")))
                .build();
        ColumnJob job = DirectColumns.job(tensors(DataTypes.BinaryType), marking, "none");
        assertThat(job.error()).isEqualTo("error");
        assertThat(job.carried()).isEmpty();
    }

    @Test
    void namesTheColumnThatStandsInTheWay() {
        StructType nested = tensors(DataTypes.BinaryType).add("tags", DataTypes.createArrayType(DataTypes.StringType));
        assertRefused(nested, ElementType.FP16, "snappy", "column tags is array<string>");
        StructType dotted = tensors(DataTypes.BinaryType).add("a.b", DataTypes.LongType);
        assertRefused(dotted, ElementType.FP16, "snappy", "column a.b has a dot");
        StructType floats = tensors(DataTypes.createArrayType(DataTypes.FloatType));
        assertRefused(floats, ElementType.FP16, "snappy", "tensor column q is array<float>");
    }

    @Test
    void namesTheTypeAndTheCodecThatStandInTheWay() {
        assertRefused(tensors(DataTypes.BinaryType), ElementType.FP32, "snappy", "tensors of fp32");
        assertRefused(
                tensors(DataTypes.BinaryType),
                ElementType.FP16,
                "brotli",
                "spark.sql.parquet.compression.codec=brotli");
    }

    private static void assertRefused(StructType input, ElementType type, String codec, String why) {
        assertThatThrownBy(() -> DirectColumns.job(input, options(type), codec))
                .isInstanceOf(NotDirectException.class)
                .hasMessageContaining(why);
    }

    private static ScoringOptions options(ElementType type) {
        return ScoringOptions.builder(new AttentionSpec(2, 1, 8, 8, type, Mask.none(), 1))
                .emit(EnumSet.of(Emit.O, Emit.POOLED))
                .pooling(Pooling.MEAN)
                .build();
    }

    private static StructType tensors(DataType type) {
        return new StructType().add("q", type).add("k", type).add("v", type);
    }
}
