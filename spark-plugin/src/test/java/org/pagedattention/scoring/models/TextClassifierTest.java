package org.pagedattention.scoring.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.model.Oracle;
import org.pagedattention.request.TextRequest;
import org.pagedattention.scoring.LocalSpark;

/** Texts and pairs of texts in, what transformers computed for them out. */
class TextClassifierTest {
    private static final double TOLERANCE = 5e-6;
    private static final StructType SCHEMA =
            new StructType().add("id", "int").add("first", "string").add("second", "string");

    @BeforeAll
    static void startSpark() {
        assertThat(LocalSpark.SESSION).isNotNull();
    }

    private static Dataset<Row> table(List<Oracle.Case> cases) {
        List<Row> rows = new ArrayList<>();
        for (Oracle.Case one : cases) {
            rows.add(RowFactory.create(rows.size(), one.text(), one.pair()));
        }
        return LocalSpark.table(rows, SCHEMA, 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert-classifier", "distilbert-classifier"})
    void labelsTexts(String name) {
        Oracle oracle = Oracle.of(name);
        TextRequest request = TextRequest.text(oracle.files().folder(), "first");
        List<Row> rows = new TextClassifier(request)
                .classify(table(oracle.cases("texts")))
                .orderBy("id")
                .collectAsList();
        assertThat(rows).hasSize(oracle.cases("texts").size());
        for (Row row : rows) {
            List<Float> logits = row.getList(row.fieldIndex("logits"));
            float[] expected = oracle.output("text." + row.getInt(0) + ".logits");
            double sum = 0;
            int best = 0;
            for (int i = 0; i < expected.length; i++) {
                assertThat((double) logits.get(i)).isCloseTo(expected[i], within(TOLERANCE));
                sum += Math.exp(expected[i]);
                best = expected[i] > expected[best] ? i : best;
            }
            assertThat((double) row.<Float>getAs("score")).isCloseTo(Math.exp(expected[best]) / sum, within(TOLERANCE));
            assertThat(row.<String>getAs("label")).isNotEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"roberta-reranker", "xlm-roberta-reranker"})
    void ranksPairs(String name) {
        Oracle oracle = Oracle.of(name);
        TextRequest request = TextRequest.pairs(oracle.files().folder(), "first", "second");
        List<Row> rows = new TextClassifier(request)
                .classify(table(oracle.cases("pairs")))
                .orderBy("id")
                .collectAsList();
        for (Row row : rows) {
            if (row.getString(1).contains("</s>")) {
                // for transformers the end of a text, for us four characters of it
                continue;
            }
            float expected = oracle.output("pair." + row.getInt(0) + ".logits")[0];
            List<Float> logits = row.getList(row.fieldIndex("logits"));
            assertThat((double) logits.get(0)).isCloseTo(expected, within(TOLERANCE));
            assertThat(row.<Integer>getAs("tokens"))
                    .isEqualTo(oracle.cases("pairs").get(row.getInt(0)).tokens().length());
        }
    }

    @Test
    void refusesReadyIdsOfPairsWhereTypesCount() {
        Oracle oracle = Oracle.of("bert-classifier");
        List<Row> rows = List.of(
                RowFactory.create(
                        Arrays.stream(oracle.cases("pairs").get(0).tokens().ids())
                                .boxed()
                                .toList()),
                RowFactory.create(
                        Arrays.stream(oracle.cases("texts").get(0).tokens().ids())
                                .boxed()
                                .toList()));
        Dataset<Row> table = LocalSpark.table(rows, new StructType().add("ids", "array<int>"));
        PagedAttentionConf keep = PagedAttentionConf.parse(Map.of("spark.pagedAttention.onBadRow", "null"));
        List<Row> found = new TextClassifier(
                        TextRequest.tokens(oracle.files().folder(), "ids").withConf(keep))
                .classify(table)
                .collectAsList();
        assertThat(found.get(0).<String>getAs("error")).contains("a separator in the middle");
        assertThat(found.get(1).<String>getAs("error")).isNull();
    }

    @Test
    void refusesAModelWithoutAHead() {
        TextRequest request =
                TextRequest.text(Oracle.of("sentence-bert").files().folder(), "first");
        assertThatThrownBy(() -> new TextClassifier(request).classify(table(List.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("make no logits of labels");
    }
}
