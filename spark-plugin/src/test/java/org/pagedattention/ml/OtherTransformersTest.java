package org.pagedattention.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pagedattention.inference.LikelihoodOptions;
import org.pagedattention.likelihood.LikelihoodMode;
import org.pagedattention.request.LikelihoodColumns;
import org.pagedattention.request.LikelihoodRequest;
import org.pagedattention.request.TextRequest;
import org.pagedattention.scoring.LocalSpark;
import org.pagedattention.scoring.models.LogLikelihood;
import org.pagedattention.scoring.models.TextClassifier;

/** Labels and log-likelihoods of stages are those of the scorers. */
class OtherTransformersTest {
    @TempDir
    Path folder;

    @BeforeAll
    static void startSpark() {
        assertThat(LocalSpark.SESSION).isNotNull();
    }

    @Test
    void labelsTextsAsTheClassifierDoes() throws Exception {
        String model = MlTables.folder("bert-classifier");
        Dataset<Row> table = MlTables.texts(20);
        ClassificationTransformer stage = new ClassificationTransformer()
                .setModel(model)
                .setLogitsCol("raw")
                .setTokensCol("count");
        String path = folder.resolve("stage").toString();
        stage.save(path);
        Dataset<Row> labelled = ClassificationTransformer.load(path).transform(table);
        assertThat(labelled.schema()).isEqualTo(stage.transformSchema(table.schema()));
        List<Row> rows = labelled.orderBy("id").collectAsList();
        List<Row> expected = new TextClassifier(TextRequest.text(model, "text"))
                .classify(table.drop("tokens"))
                .orderBy("id")
                .collectAsList();
        for (int i = 0; i < 20; i++) {
            Row row = rows.get(i);
            assertThat(row.<String>getAs("label")).isEqualTo(expected.get(i).<String>getAs("label"));
            assertThat(row.<Float>getAs("score")).isEqualTo(expected.get(i).<Float>getAs("score"));
            assertThat(row.<Vector>getAs("raw").toArray())
                    .isEqualTo(expected.get(i).<Float>getList(2).stream()
                            .mapToDouble(Float::doubleValue)
                            .toArray());
        }
    }

    @Test
    void ranksPairs() {
        String model = MlTables.folder("roberta-reranker");
        Dataset<Row> table = MlTables.texts(6).withColumn("other", functions.lit("a dog"));
        Dataset<Row> ranked = new ClassificationTransformer()
                .setModel(model)
                .setPairCol("other")
                .transform(table);
        List<Float> expected = new TextClassifier(TextRequest.pairs(model, "text", "other"))
                .classify(table.drop("tokens")).orderBy("id").collectAsList().stream()
                        .map(row -> row.<Float>getAs("score"))
                        .toList();
        assertThat(ranked.orderBy("id").collectAsList())
                .extracting(row -> row.<Float>getAs("score"))
                .isEqualTo(expected);
        assertThatThrownBy(() -> new ClassificationTransformer("c")
                        .setModel(model)
                        .setPairCol("id")
                        .transformSchema(table.schema()))
                .hasMessageStartingWith("c: pairCol is 'id', a column of type bigint");
    }

    @Test
    void saysHowProbableTextsAre() throws Exception {
        Dataset<Row> table = MlTables.texts(8).withColumn("before", functions.lit("The answer is"));
        LogLikelihoodTransformer stage = new LogLikelihoodTransformer()
                .setModel(MlTables.LANGUAGE)
                .setGreedyCol("greedy")
                .setTokenLogProbsCol("each");
        String path = folder.resolve("stage").toString();
        stage.save(path);
        LogLikelihoodTransformer loaded = LogLikelihoodTransformer.load(path);
        holds(loaded, table, LikelihoodColumns.text("text"), LikelihoodMode.TEXT);
        holds(
                loaded.copy(stage.extractParamMap()).setRolling(true),
                table,
                LikelihoodColumns.text("text"),
                LikelihoodMode.ROLLING);
        holds(
                loaded.setContextCol("before"),
                table,
                LikelihoodColumns.continuation("before", "text"),
                LikelihoodMode.CONTINUATION);
    }

    private static void holds(
            LogLikelihoodTransformer stage, Dataset<Row> table, LikelihoodColumns columns, LikelihoodMode mode) {
        Dataset<Row> scored = stage.setHandleInvalid("keep").transform(table);
        assertThat(scored.schema()).isEqualTo(stage.transformSchema(table.schema()));
        List<Row> rows = scored.orderBy("id").collectAsList();
        LikelihoodRequest request =
                LikelihoodRequest.of(MlTables.LANGUAGE, columns).withMode(mode).withTokenLogProbs(true);
        List<Row> expected = new LogLikelihood(
                        request.withConf(stage.conf(LocalSpark.SESSION)), LikelihoodOptions.defaults())
                .score(table.drop("tokens"))
                .orderBy("id")
                .collectAsList();
        assertThat(rows).anyMatch(row -> row.getAs("log_likelihood") != null);
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            assertThat(row.<Double>getAs("log_likelihood"))
                    .isEqualTo(expected.get(i).<Double>getAs("log_likelihood"));
            assertThat(row.<Boolean>getAs("greedy")).isEqualTo(expected.get(i).<Boolean>getAs("is_greedy"));
            assertThat(row.<Object>getAs("each")).isEqualTo(expected.get(i).getAs("token_log_probs"));
        }
    }

    @Test
    void aPipelineRunsAgainInAnotherSession() throws Exception {
        Dataset<Row> table = MlTables.texts(30);
        var model = MlTables.pipeline().fit(table);
        List<Row> here = model.transform(table).orderBy("id").collectAsList();
        String path = folder.resolve("pipeline").toString();
        model.save(path);
        var session = LocalSpark.SESSION.newSession();
        var loaded = org.apache.spark.ml.PipelineModel.read().session(session).load(path);
        String rows = folder.resolve("rows").toString();
        table.write().parquet(rows);
        assertThat(loaded.transform(session.read().parquet(rows)).orderBy("id").collectAsList())
                .isEqualTo(here);
        assertThat(here.get(0).schema().fieldNames())
                .containsExactly("id", "text", "tokens", "words", "embedding", "cut", "prediction");
    }
}
