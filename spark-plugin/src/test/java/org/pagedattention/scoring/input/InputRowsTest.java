package org.pagedattention.scoring.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.classic.Dataset;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.scoring.LocalSpark;

class InputRowsTest {
    private static final String KEY = "spark.sql.parquet.columnarReaderBatchSize";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"parquet", "orc"})
    void readsColumnsOneRowAtATime(String format) {
        Dataset<Row> table = table(format);
        assertThat(rowsOfBatches(table)).hasSize(100).containsOnly(1);
        assertThat(ids(table))
                .containsExactlyElementsOf(LongStream.range(0, 100).boxed().toList());
    }

    @Test
    void readsAsTheUserSays() {
        SQLConf conf = LocalSpark.SESSION.sessionState().conf();
        conf.setConfString(KEY, "7");
        try {
            assertThat(rowsOfBatches(table("parquet"))).startsWith(7, 7).endsWith(2);
            assertThat(conf.getConfString(KEY)).isEqualTo("7");
        } finally {
            conf.unsetConf(KEY);
        }
    }

    @Test
    void leavesTheSessionAsItWas() {
        SQLConf conf = LocalSpark.SESSION.sessionState().conf();
        ReadSettings.plan(conf, () -> {
            ReadSettings.plan(conf, () -> "inner");
            assertThat(conf.getConfString(KEY)).isEqualTo("1");
            return "outer";
        });
        assertThatThrownBy(() -> ReadSettings.plan(conf, () -> {
                    throw new IllegalStateException("no plan");
                }))
                .hasMessage("no plan");
        assertThat(conf.contains(KEY)).isFalse();
    }

    @Test
    void takesRowsWhereSparkDoesMoreThanRead() {
        Dataset<Row> some = (Dataset<Row>) table("parquet").filter("id % 2 = 1").repartition(3);
        assertThat(InputRows.batches(some)).isNull();
        assertThat(ids(some)).hasSize(50).allMatch(id -> id % 2 == 1);
    }

    private Dataset<Row> table(String format) {
        String path = folder.resolve(format).toString();
        LocalSpark.SESSION
                .range(0, 100, 1, 1)
                .withColumn("q", functions.expr("cast('abcd' as binary)"))
                .write()
                .format(format)
                .save(path);
        return (Dataset<Row>) LocalSpark.SESSION.read().format(format).load(path);
    }

    private static List<Integer> rowsOfBatches(Dataset<Row> table) {
        RDD<ColumnarBatch> batches =
                ReadSettings.plan(table.sparkSession().sessionState().conf(), () -> InputRows.batches(table));
        return batches.toJavaRDD().map(ColumnarBatch::numRows).collect();
    }

    private static List<Long> ids(Dataset<Row> table) {
        return InputRows.of(table).map(row -> row.getLong(0)).collect();
    }
}
