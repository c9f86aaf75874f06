package org.pagedattention.jobs.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pagedattention.jobs.JobRun;

class PlainListsTest {
    private static final List<String> VECTORS = List.of("v");

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "v array<float>, id string, n struct<a: int, b: date>, t timestamp | true",
                "v array<double> | true",
                "id string | false",
                "v array<float>, price decimal(10, 2) | false",
                "v array<float>, n struct<a: decimal(10, 2)> | false",
                "v array<float>, tags array<string> | true",
                "v array<float>, prices array<decimal(10, 2)> | false",
                "v array<float>, m map<string, int> | true",
                "v array<float>, m map<string, decimal(9, 1)> | false",
                "v array<array<float>> | false",
                "v array<string> | false"
            })
    void suitsVectorsWithoutDecimals(String columns, boolean expected) {
        StructType schema = withoutNulls(StructType.fromDDL(columns));
        assertThat(PlainLists.suit(schema, VECTORS)).isEqualTo(expected);
    }

    @Test
    void leavesListsThatMayHoldNulls() {
        assertThat(PlainLists.suit(StructType.fromDDL("v array<float>"), VECTORS))
                .isFalse();
    }

    @Test
    void writesWhatReadsBackTheSame() throws IOException {
        SparkSession spark = JobRun.spark();
        Dataset<Row> rows = spark.range(100)
                .selectExpr(
                        "id",
                        "if(id % 7 = 0, null, if(id % 11 = 1, array_repeat(float(0), 0),"
                                + " transform(sequence(1, 20), k -> float(k * id)))) as v",
                        "array(string(id), null, 'x') as tags",
                        "map('a', id) as m",
                        "array(named_struct('a', id, 'b', array(id, null)), null) as structs");
        StructField vector = withoutNulls(rows.schema()).fields()[1];
        StructField[] fields = rows.schema().fields();
        fields[1] = vector;
        Dataset<Row> plain = spark.createDataFrame(rows.javaRDD(), new StructType(fields));
        String path = folder.resolve("t").toString();
        PlainLists.write(
                spark, plain.schema(), VECTORS, () -> plain.coalesce(1).write().parquet(path));
        assertThat(columns(path)).contains("v,array");
        assertThat(spark.read().parquet(path).orderBy("id").collectAsList())
                .isEqualTo(rows.orderBy("id").collectAsList());
        String later = folder.resolve("later").toString();
        plain.coalesce(1).write().parquet(later);
        assertThat(columns(later)).as("the session is as it was").contains("v,list,element");
    }

    private static List<String> columns(String table) throws IOException {
        try (Stream<Path> files = Files.list(Path.of(table))) {
            Path file = files.filter(f -> f.toString().endsWith(".parquet"))
                    .findFirst()
                    .orElseThrow();
            try (ParquetFileReader reader = ParquetFileReader.open(
                    HadoopInputFile.fromPath(new org.apache.hadoop.fs.Path(file.toUri()), new Configuration()))) {
                return reader.getFileMetaData().getSchema().getPaths().stream()
                        .map(path -> String.join(",", path))
                        .toList();
            }
        }
    }

    private static StructType withoutNulls(StructType schema) {
        return (StructType)
                StructType.fromJson(schema.json().replace("\"containsNull\":true", "\"containsNull\":false"));
    }
}
