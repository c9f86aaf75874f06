package org.pagedattention.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Tolerance;

/** Files that pyarrow wrote (resources/parquet/make_parquet.py), judged by what numpy computed beside them. */
class ParquetFilesTest {
    private static final int ROWS = 12;

    @ParameterizedTest
    @CsvSource({
        "binary-snappy.parquet, FP32, false",
        "binary-zstd.parquet, FP32, false",
        "binary-gzip.parquet, FP32, false",
        "binary-uncompressed.parquet, FP32, false",
        "binary-required.parquet, FP32, false",
        "large-binary.parquet, FP32, false",
        "list-element.parquet, FP32, true",
        "list-item.parquet, FP32, true",
        "binary-fp16.parquet, FP16, false",
        "partitioned, FP32, false"
    })
    void scoresFilesOfOtherTools(String file, ElementType type, boolean arrays, @TempDir Path folder)
            throws IOException {
        Dataset<Row> input = read(file);
        String output = folder.resolve("out").toString();
        new SequenceScorer(ScoringOptions.builder(spec(type)).build())
                .score(input)
                .write()
                .parquet(output);
        List<Row> rows = LocalSpark.SESSION.read().parquet(output).collectAsList();
        assertThat(rows)
                .extracting(row -> row.<Long>getAs("id"))
                .doesNotHaveDuplicates()
                .hasSize(ROWS);
        for (Row row : rows) {
            long id = row.getAs("id");
            assertThat(row.<String>getAs("name")).isEqualTo("sequence " + id);
            float[] o = arrays ? TestSequences.floats(row, "o") : TestSequences.floats(type, row.getAs("o"));
            TestSequences.assertClose(file + " row " + id, expected(type, id), o, Tolerance.of(type));
        }
    }

    @Test
    void carriesTheColumnOfAPartitionedFolder() {
        List<Row> rows = new SequenceScorer(
                        ScoringOptions.builder(spec(ElementType.FP32)).build())
                .score(read("partitioned"))
                .collectAsList();
        assertThat(rows)
                .allSatisfy(row -> assertThat(row.getAs("day").toString())
                        .isEqualTo(row.<Long>getAs("id") % 2 == 0 ? "2026-01-01" : "2026-01-02"));
    }

    @Test
    void aFileWithoutRowsGivesNone() {
        Dataset<Row> scored = new SequenceScorer(
                        ScoringOptions.builder(spec(ElementType.FP32)).build())
                .score(read("empty.parquet"));
        assertThat(scored.collectAsList()).isEmpty();
        assertThat(scored.columns()).containsExactly("id", "name", "o");
    }

    private static AttentionSpec spec(ElementType type) {
        return new AttentionSpec(2, 1, 4, 4, type, Mask.causal(), AttentionSpec.defaultScale(4));
    }

    private static Dataset<Row> read(String file) {
        return LocalSpark.SESSION.read().parquet(resource(file).getPath());
    }

    private static double[] expected(ElementType type, long id) throws IOException {
        JsonNode o = new ObjectMapper()
                .readTree(resource("expected.json"))
                .get(type.label())
                .get(Long.toString(id));
        double[] values = new double[o.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = o.get(i).asDouble();
        }
        return values;
    }

    private static URL resource(String name) {
        return Objects.requireNonNull(ParquetFilesTest.class.getResource("/parquet/" + name), name);
    }
}
