package org.pagedattention.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.inference.EmbedOptions;
import org.pagedattention.request.TextRequest;
import org.pagedattention.scoring.LocalSpark;
import org.pagedattention.scoring.models.TextEmbedder;

/** A stage's vectors are the embedder's, its Params are checked, and what is saved comes back. */
class EmbeddingTransformerTest {
    @TempDir
    Path folder;

    @BeforeAll
    static void startSpark() {
        assertThat(LocalSpark.SESSION).isNotNull();
    }

    private static List<List<Float>> expected(Dataset<Row> table, EmbedOptions options) {
        return new TextEmbedder(TextRequest.text(MlTables.EMBEDDING, "text"), options)
                .embed(table.drop("tokens")).orderBy("id").collectAsList().stream()
                        .map(row -> row.<Float>getList(row.fieldIndex("embedding")))
                        .toList();
    }

    private static double[] doubles(List<Float> floats) {
        return floats.stream().mapToDouble(Float::doubleValue).toArray();
    }

    @Test
    void keepsColumnsThatAreCalledAsOthersAreMeanwhile() {
        Dataset<Row> table = MlTables.texts(5)
                .selectExpr(
                        "id",
                        "text",
                        "tokens",
                        "concat('second ', id) as `tokens (input)`",
                        "concat('third ', id) as `tokens (input) (input)`");
        List<Row> rows = MlTables.embedding().transform(table).orderBy("id").collectAsList();
        for (int i = 0; i < 5; i++) {
            assertThat(rows.get(i).getString(2)).isEqualTo("own " + i);
            assertThat(rows.get(i).getString(3)).isEqualTo("second " + i);
            assertThat(rows.get(i).getString(4)).isEqualTo("third " + i);
        }
    }

    @Test
    void makesTheEmbeddersVectorsForOtherStages() {
        Dataset<Row> table = MlTables.texts(40);
        EmbeddingTransformer stage = MlTables.embedding().setTokensCol("count").setTruncatedCol("cut");
        Dataset<Row> embedded = stage.transform(table);
        assertThat(embedded.schema()).isEqualTo(stage.transformSchema(table.schema()));
        assertThat(embedded.columns()).containsExactly("id", "text", "tokens", "embedding", "count", "cut");
        List<List<Float>> expected = expected(table, EmbedOptions.defaults());
        List<Row> rows = embedded.orderBy("id").collectAsList();
        for (int i = 0; i < 40; i++) {
            assertThat(rows.get(i).<Vector>getAs("embedding").toArray()).isEqualTo(doubles(expected.get(i)));
            assertThat(rows.get(i).getString(2)).isEqualTo("own " + i);
            assertThat(rows.get(i).<Integer>getAs("count")).isPositive();
        }
    }

    @Test
    void makesArraysAndTakesWhatTheModelLeavesOpen() {
        Dataset<Row> table = MlTables.texts(12);
        EmbeddingTransformer stage = MlTables.embedding()
                .setOutputType("array")
                .setOutputCol("v")
                .setNormalize(false)
                .setPromptText("query: ")
                .setMaxTokens(12);
        Dataset<Row> embedded = stage.transform(table);
        assertThat(embedded.schema()).isEqualTo(stage.transformSchema(table.schema()));
        List<List<Float>> expected = new TextEmbedder(
                        TextRequest.text(MlTables.EMBEDDING, "text").withMaxTokens(12),
                        EmbedOptions.defaults().withNormalize(false).withPromptText("query: "))
                .embed(table.drop("tokens")).orderBy("id").collectAsList().stream()
                        .map(row -> row.<Float>getList(row.fieldIndex("embedding")))
                        .toList();
        List<Row> rows = embedded.orderBy("id").collectAsList();
        for (int i = 0; i < 12; i++) {
            assertThat(rows.get(i).<Float>getList(3)).isEqualTo(expected.get(i));
        }
    }

    @Test
    void twoStagesStandInOnePipelineAndMayReadTheSameTexts() {
        Dataset<Row> both = MlTables.embedding()
                .setOutputCol("second")
                .setTokensCol("second tokens")
                .transform(MlTables.embedding().setTokensCol("count").transform(MlTables.texts(5)));
        assertThat(both.columns())
                .containsExactly("id", "text", "tokens", "embedding", "count", "second", "second tokens");
        assertThat(both.filter("embedding = second and count = `second tokens`").count())
                .isEqualTo(5);
    }

    @Test
    void savedAndLoadedItIsTheSame() throws Exception {
        EmbeddingTransformer stage = MlTables.embedding()
                .setMaxTokens(9)
                .setNormalize(false)
                .setPromptText("")
                .setHandleInvalid("skip");
        String path = folder.resolve("stage").toString();
        stage.save(path);
        EmbeddingTransformer loaded = EmbeddingTransformer.load(path);
        assertThat(loaded.uid()).isEqualTo(stage.uid());
        assertThat(loaded.explainParams()).isEqualTo(stage.explainParams());
        Dataset<Row> table = MlTables.texts(7);
        assertThat(loaded.transform(table).collectAsList())
                .containsExactlyInAnyOrderElementsOf(stage.transform(table).collectAsList());
    }

    @Test
    void copiesTakeOtherValues() {
        EmbeddingTransformer stage = MlTables.embedding();
        EmbeddingTransformer copy = stage.copy(new ParamMap().put(stage.outputCol(), "other"));
        assertThat(copy.uid()).isEqualTo(stage.uid());
        assertThat(copy.transform(MlTables.texts(1)).columns()).contains("other");
        assertThat(stage.transform(MlTables.texts(1)).columns()).contains("embedding");
    }

    @Test
    void invalidRowsEndTheJobOrAreLeftOutOrKept() {
        Dataset<Row> table = MlTables.textsAnd(null);
        assertThatThrownBy(() -> MlTables.embedding().transform(table).collectAsList())
                .rootCause()
                .hasMessageContaining("column text is null");
        EmbeddingTransformer skip = MlTables.embedding().setHandleInvalid("skip");
        assertThat(skip.transform(table).collectAsList())
                .extracting(row -> row.getLong(0))
                .containsExactlyInAnyOrder(0L, 1L);
        assertThat(skip.transform(table).columns()).containsExactly("id", "text", "tokens", "embedding");
        EmbeddingTransformer keep =
                MlTables.embedding().setHandleInvalid("keep").setErrorCol("why");
        Dataset<Row> kept = keep.transform(table);
        assertThat(kept.schema()).isEqualTo(keep.transformSchema(table.schema()));
        Row bad = kept.filter("id = 2").first();
        assertThat(bad.isNullAt(3)).isTrue();
        assertThat(bad.getString(4)).contains("column text is null");
        assertThat(kept.filter("why is null and embedding is not null").count()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"null, 5", "fail, 4"})
    void withoutAWordTheTablesSessionSaysWhatBecomesOfThem(String policy, int columns) {
        SparkSession.setActiveSession(LocalSpark.SESSION.newSession());
        LocalSpark.SESSION.conf().set("spark.pagedAttention.onBadRow", policy);
        try {
            assertThat(MlTables.embedding().transform(MlTables.texts(1)).columns())
                    .hasSize(columns);
            LocalSpark.SESSION.conf().set("spark.pagedAttention.onBadRow", "quarantine");
            assertThatThrownBy(() -> MlTables.embedding().transform(MlTables.texts(1)))
                    .hasMessageContaining("set handleInvalid to error, skip or keep");
        } finally {
            LocalSpark.SESSION.conf().unset("spark.pagedAttention.onBadRow");
            SparkSession.setActiveSession(LocalSpark.SESSION);
        }
    }

    @Test
    void longTextsAreCutOrInvalid() {
        Dataset<Row> table = MlTables.textsAnd("word ".repeat(100));
        Row cut = MlTables.embedding()
                .setTruncatedCol("cut")
                .transform(table)
                .filter("cut")
                .first();
        assertThat(cut.getLong(0)).isEqualTo(2);
        assertThat(MlTables.embedding()
                        .setOnLong("fail")
                        .setHandleInvalid("skip")
                        .transform(table)
                        .count())
                .isEqualTo(2);
    }

    @Test
    void tablesThatDoNotFitAreRefusedByStageAndParam() {
        StructType schema = MlTables.SCHEMA;
        refuses(new EmbeddingTransformer("e"), schema, "e: model is not set: it is the model's folder");
        refuses(
                new EmbeddingTransformer("e").setModel("m").setInputCol("words"),
                schema,
                "e: inputCol is 'words', a column that is not in the table, which has id, text, tokens");
        refuses(
                new EmbeddingTransformer("e").setModel("m").setInputCol("id"),
                schema,
                "e: inputCol is 'id', a column of type bigint: texts are STRING, so cast it first or name another column");
        refuses(
                new EmbeddingTransformer("e").setModel("m").setOutputCol("TEXT"),
                schema,
                "e: outputCol is 'TEXT', which is the name of another column already: choose another one");
        refuses(
                new EmbeddingTransformer("e").setModel("m").setTokensCol("embedding"),
                schema,
                "e: tokensCol is 'embedding', which is the name of another column already: choose another one");
        assertThatThrownBy(() -> MlTables.embedding().setModel(folder + "/none").transform(MlTables.texts(1)))
                .hasMessageContaining("/none does not exist");
        assertThatThrownBy(() -> MlTables.embedding().setPrompt("none").transform(MlTables.texts(1)))
                .hasMessageContaining("prompt 'none' is not known");
    }

    private static void refuses(EmbeddingTransformer stage, StructType schema, String message) {
        assertThatThrownBy(() -> stage.transformSchema(schema))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"onLong", "handleInvalid", "outputType", "pool", "inputCol", "maxTokens"})
    void valuesThatCannotWorkAreRefusedByName(String param) {
        EmbeddingTransformer stage = new EmbeddingTransformer("e");
        Object wrong = param.equals("maxTokens") ? (Object) 0 : param.equals("inputCol") ? "" : "perhaps";
        assertThatThrownBy(() -> stage.set(stage.getParam(param), wrong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("e: " + param + " is ")
                .hasMessageContaining(wrong.toString());
    }

    @Test
    void columnsMayHaveAnyNames() {
        Dataset<Row> table = LocalSpark.table(
                List.of(RowFactory.create("a dog", "x")),
                new StructType().add("doc.`body`", "string").add("Label", "string"));
        Dataset<Row> embedded = MlTables.embedding()
                .setInputCol("doc.`body`")
                .setOutputCol("v.1")
                .transform(table);
        assertThat(embedded.columns()).containsExactly("doc.`body`", "Label", "v.1");
        assertThat(embedded.first().getString(1)).isEqualTo("x");
    }
}
