package org.pagedattention.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.RuntimeConfig;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.scoring.input.ReadSettings;
import org.pagedattention.tensor.ElementType;

/**
 * Uncompressed Parquet pages in DELTA_BYTE_ARRAY, of which Spark's vectorised reader takes wrong bytes after vectored
 * reads. The first test fails when Spark is mended; then {@link ReadSettings} may leave vectored reads alone.
 */
class DeltaPagesTest {
    private static final String VECTORISED = "spark.sql.parquet.enableVectorizedReader";
    private static final AttentionSpec SPEC =
            new AttentionSpec(2, 1, 4, 4, ElementType.FP32, Mask.none(), AttentionSpec.defaultScale(4));
    private static final TestSequences SEQUENCES = new TestSequences(SPEC, false, 7, 3, 9, 1, 0, 5, 12, 2, 7, 7, 30);

    @TempDir
    static Path folder;

    private static String path = "";

    @BeforeAll
    static void write() {
        path = folder.resolve("delta").toString();
        LocalSpark.table(SEQUENCES.rows(), SEQUENCES.schema())
                .selectExpr(
                        "*",
                        "concat('customer of long name ', id) as name",
                        "array(concat('first of ', id), null, concat('third of ', id)) as tags",
                        "cast(id * 1234567 as decimal(25, 2)) as price",
                        "named_struct('part', if(id % 3 = 1, null, concat('part ', id))) as nested")
                .write()
                .option("parquet.writer.version", "v2")
                .option("parquet.enable.dictionary", "false")
                .option("compression", "none")
                .parquet(path);
    }

    @Test
    void sparkAloneTakesWrongBytes() {
        assertThat(LocalSpark.SESSION.read().parquet(path).select("name").collectAsList())
                .doesNotContainAnyElementsOf(truth().stream()
                        .map(row -> RowFactory.create(row.<String>getAs("name")))
                        .toList());
    }

    @Test
    void scoresWhatTheFilesHold() {
        requireRight(LocalSpark.SESSION.read().parquet(path));
    }

    @Test
    void scoresATableThatWasReadBefore() {
        Dataset<Row> table = LocalSpark.SESSION.read().parquet(path);
        assertThat(table.collectAsList()).hasSize(SEQUENCES.tensors.size());
        requireRight(table);
        requireRight(table.repartition(2));
    }

    @Test
    void refusesVectoredReadsThatSomebodyAsksFor() {
        RuntimeConfig conf = LocalSpark.SESSION.conf();
        Dataset<Row> table = LocalSpark.SESSION.read().parquet(path);
        conf.set(ReadSettings.VECTORED_READS, "true");
        try {
            assertThatThrownBy(() -> scored(table))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("parquet.hadoop.vectored.io.enabled is true")
                    .hasMessageContaining(VECTORISED + " to false");
            conf.set(VECTORISED, "false");
            requireRight(table);
        } finally {
            conf.unset(ReadSettings.VECTORED_READS);
            conf.unset(VECTORISED);
        }
        Dataset<Row> asOption = LocalSpark.SESSION
                .read()
                .option(ReadSettings.VECTORED_READS, "true")
                .parquet(path);
        assertThatThrownBy(() -> scored(asOption)).hasMessageContaining("parquet.hadoop.vectored.io.enabled is true");
    }

    private static void requireRight(Dataset<Row> table) {
        List<Row> scored = scored(table).orderBy("id").collectAsList();
        assertThat(scored).hasSize(SEQUENCES.tensors.size());
        scored.forEach(SEQUENCES::assertO);
        List<Row> truth = truth();
        for (int i = 0; i < truth.size(); i++) {
            for (String carried : List.of("name", "tags", "price", "nested")) {
                assertThat(scored.get(i).<Object>getAs(carried))
                        .isEqualTo(truth.get(i).getAs(carried));
            }
        }
    }

    private static Dataset<Row> scored(Dataset<Row> table) {
        return new SequenceScorer(ScoringOptions.builder(SPEC).build()).score(table);
    }

    /** What Spark's other reader finds. */
    private static List<Row> truth() {
        LocalSpark.SESSION.conf().set(VECTORISED, "false");
        try {
            return LocalSpark.SESSION
                    .read()
                    .parquet(path)
                    .drop("q", "k", "v")
                    .orderBy("id")
                    .collectAsList();
        } finally {
            LocalSpark.SESSION.conf().unset(VECTORISED);
        }
    }
}
