package org.pagedattention.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.assertj.core.data.Offset;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.scoring.SequenceScorer;
import org.pagedattention.tensor.ElementType;

/** Sequences whose values are all equal to the row's id, and so is then their attention, whatever the scores are. */
final class ConstantRows {
    static final int ROWS = 48;
    static final int PARTITIONS = 12;

    private static final AttentionSpec SPEC =
            new AttentionSpec(2, 1, 16, 16, ElementType.FP32, Mask.causal(), AttentionSpec.defaultScale(16));
    private static final StructType SCHEMA = new StructType()
            .add("id", DataTypes.LongType)
            .add("q", DataTypes.createArrayType(DataTypes.FloatType))
            .add("k", DataTypes.createArrayType(DataTypes.FloatType))
            .add("v", DataTypes.createArrayType(DataTypes.FloatType));

    private ConstantRows() {}

    /** Scores the rows, each of which goes through {@code onTheWay} first, in the task that scores it. */
    static Dataset<Row> score(SparkSession spark, Map<String, String> settings, MapFunction<Row, Row> onTheWay) {
        Dataset<Row> input = spark.createDataFrame(rows(), SCHEMA)
                .repartitionByRange(PARTITIONS, functions.col("id"))
                .map(onTheWay, Encoders.row(SCHEMA));
        ScoringOptions options = ScoringOptions.builder(SPEC)
                .conf(PagedAttentionConf.parse(settings))
                .build();
        return new SequenceScorer(options).score(input);
    }

    /** Every row is there once, with its own result. */
    static void check(List<Row> scored) {
        Map<Long, Float> results = new HashMap<>();
        for (Row row : scored) {
            List<Float> o = row.getList(row.fieldIndex("o"));
            assertThat(o).hasSize(tokens(row.getLong(0)) * 32);
            results.put(row.getLong(0), o.get(o.size() - 1));
        }
        assertThat(scored).hasSize(ROWS);
        assertThat(results).hasSize(ROWS);
        results.forEach((id, value) -> assertThat(value).isCloseTo(id, Offset.offset(1e-3f)));
    }

    private static int tokens(long id) {
        return 1 + (int) (id % 5);
    }

    private static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (long id = 0; id < ROWS; id++) {
            rows.add(RowFactory.create(
                    id, filled(tokens(id) * 32, 0.5f), filled(tokens(id) * 16, 0.25f), filled(tokens(id) * 16, id)));
        }
        return rows;
    }

    private static float[] filled(int size, float value) {
        float[] values = new float[size];
        Arrays.fill(values, value);
        return values;
    }
}
