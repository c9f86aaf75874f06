package org.pagedattention.ml;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.clustering.KMeans;
import org.apache.spark.ml.feature.Tokenizer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.pagedattention.model.Oracle;
import org.pagedattention.scoring.LocalSpark;

/** Tables and models for tests of stages. */
final class MlTables {
    static final String EMBEDDING = folder("sentence-bert");
    static final String LANGUAGE = folder("llama-text");
    static final StructType SCHEMA =
            new StructType().add("id", "long").add("text", "string").add("tokens", "string");

    private MlTables() {}

    static String folder(String model) {
        return Oracle.of(model).files().folder();
    }

    /** Rows of texts, in two partitions, with a column that has a result's name. */
    static Dataset<Row> texts(int count) {
        List<Oracle.Case> known = Oracle.of("sentence-bert").cases("texts");
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(RowFactory.create((long) i, known.get(i % known.size()).text() + " " + i, "own " + i));
        }
        return LocalSpark.table(rows, SCHEMA, 2);
    }

    static Dataset<Row> textsAnd(String last) {
        return texts(2).union(LocalSpark.table(List.of(RowFactory.create(2L, last, "own 2")), SCHEMA))
                .coalesce(1);
    }

    static EmbeddingTransformer embedding() {
        return new EmbeddingTransformer().setModel(EMBEDDING);
    }

    /** A stage of Spark's before ours, and one behind it. */
    static Pipeline pipeline() {
        return new Pipeline().setStages(new PipelineStage[] {
            new Tokenizer().setInputCol("text").setOutputCol("words"),
            embedding().setTruncatedCol("cut"),
            new KMeans().setFeaturesCol("embedding").setK(3).setSeed(1)
        });
    }
}
