package org.pagedattention.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pagedattention.sql.SqlSession.byId;
import static org.pagedattention.sql.SqlSession.evaluations;
import static org.pagedattention.sql.SqlSession.rows;
import static org.pagedattention.sql.SqlSession.sql;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.inference.EmbedOptions;
import org.pagedattention.inference.LikelihoodOptions;
import org.pagedattention.request.LikelihoodColumns;
import org.pagedattention.request.LikelihoodRequest;
import org.pagedattention.request.TextRequest;
import org.pagedattention.scoring.models.LogLikelihood;
import org.pagedattention.scoring.models.TextClassifier;
import org.pagedattention.scoring.models.TextEmbedder;

/** Functions of SQL give what the scorers give, wherever they stand in a query. */
class SqlFunctionsTest {
    @TempDir
    Path folder;

    private static Map<Object, Object> vectors;
    private static Map<Object, Object> labels;
    private static Map<Object, Object> likelihoods;

    @BeforeAll
    static void score() {
        Dataset<Row> table = sql("select id, text, before from texts where text is not null");
        vectors = byId(new TextEmbedder(TextRequest.text(SqlSession.EMBEDDING, "text"), EmbedOptions.defaults())
                .embed(table)
                .select("id", "embedding"));
        labels = byId(new TextClassifier(TextRequest.text(SqlSession.CLASSIFIER, "text"))
                .classify(table)
                .select("id", "label"));
        likelihoods = byId(new LogLikelihood(
                        LikelihoodRequest.of(SqlSession.LANGUAGE, LikelihoodColumns.continuation("text", "before")),
                        LikelihoodOptions.defaults())
                .score(table)
                .select("id", "log_likelihood"));
    }

    @AfterEach
    void forget() {
        SqlSession.SESSION.conf().unset("spark.sql.adaptive.enabled");
    }

    @Test
    void aSelectGivesTheScorersResultsAndNullForNull() {
        assertThat(byId(sql("select id, embed(text) from texts where text is not null")))
                .isEqualTo(vectors);
        assertThat(byId(sql("select id, classify(text).label from texts where text is not null")))
                .isEqualTo(labels);
        assertThat(byId(sql("select id, log_likelihood(text, before) from texts where text is not null")))
                .isEqualTo(likelihoods);
        List<Row> nulls =
                rows("select embed(text), classify(text), log_likelihood(text, before), log_likelihood(before, text)"
                        + " from texts where text is null");
        assertThat(nulls)
                .hasSize(3)
                .allMatch(row -> row.isNullAt(0) && row.isNullAt(1) && row.isNullAt(2) && row.isNullAt(3));
        assertThat(rows("select embed('') is null, embed(text) is null, id % 10 = 7 from texts"))
                .hasSize(SqlSession.ROWS)
                .allMatch(row -> !row.getBoolean(0) && row.getBoolean(1) == row.getBoolean(2));
    }

    /** A value that is known below cannot be handed up through what merges rows. */
    @Test
    void callsBelowAndAboveDistinctRowsAreComputedOnBothSides() {
        assertThat(rows("select distinct text from texts where classify(text).score > 0.1"
                        + " order by classify(text).score desc limit 5"))
                .hasSizeBetween(1, 5)
                .doesNotHaveDuplicates();
        Dataset<Row> distinct = sql("select text from texts")
                .filter("size(embed(text)) > 0")
                .distinct()
                .selectExpr("text", "embed(text)");
        assertThat(distinct.collectAsList()).isNotEmpty().allMatch(row -> !row.isNullAt(1));
        assertThat(distinct.orderBy("text")
                        .limit(3)
                        .filter("size(embed(text)) > 0")
                        .collectAsList())
                .isNotEmpty();
    }

    @Test
    void typesAndNamesAreWhatTheySay() {
        assertThat(sql("select embed(text), classify(text, before), log_likelihood(text) from texts")
                        .schema()
                        .toDDL())
                .isEqualTo("`embed(text)` ARRAY<FLOAT>,`classify(text, before)` STRUCT<label: STRING, score: FLOAT,"
                        + " logits: ARRAY<FLOAT>>,`log_likelihood(text)` DOUBLE");
        assertThat(rows("describe function embed").toString()).contains("embed(text[, options]) - Returns the vector");
    }

    @Test
    void rowsAreChosenAndOrderedByCalls() {
        double middle = likelihoods.values().stream()
                .mapToDouble(value -> (Double) value)
                .sorted()
                .skip(13)
                .findFirst()
                .orElseThrow();
        List<?> expected = likelihoods.entrySet().stream()
                .filter(entry -> (Double) entry.getValue() < middle)
                .sorted(Comparator.comparing(entry -> (Double) entry.getValue()))
                .map(entry -> entry.getKey())
                .toList();
        String query = "select id, log_likelihood(text, before) from texts where log_likelihood(text, before) < "
                + middle + " order by log_likelihood(text, before)";
        assertThat(rows(query)).extracting(row -> row.get(0)).isEqualTo(expected);
        assertThat(evaluations(query)).isEqualTo(1);
    }

    @Test
    void equalCallsAreComputedOnceAndOthersEach() {
        assertThat(evaluations("select embed(text), embed(text)[0], id from texts where embed(text)[1] > 0"))
                .isEqualTo(1);
        assertThat(evaluations("select embed(text), embed(before) from texts")).isEqualTo(2);
        assertThat(evaluations("select embed(text), embed(text, map('maxTokens', '9')) from texts"))
                .isEqualTo(2);
        List<Row> both = rows(
                "select embed(text) = embed(text, map('normalize', 'false')), embed(text) = embed(concat(text, ''))"
                        + " from texts where text is not null");
        assertThat(both).allMatch(row -> row.getBoolean(1));
    }

    @Test
    void nobodyComputesWhatNobodyWants() {
        sql("create or replace temp view vectors as select id, before, embed(text) v from texts");
        assertThat(evaluations("select id, before from vectors")).isZero();
        String plan = sql("select id, v from vectors where before = 'number 1'")
                .queryExecution()
                .optimizedPlan()
                .toString();
        assertThat(plan.indexOf("EvaluateModel")).isBetween(0, plan.indexOf("number 1"));
        assertThat(rows("select id, v from vectors where before = 'number 1' and v is not null"))
                .hasSize(7)
                .allMatch(row -> row.getList(1).equals(vectors.get(row.get(0))));
        String limited = sql("select embed(text) from texts limit 3")
                .queryExecution()
                .optimizedPlan()
                .toString();
        assertThat(limited.substring(limited.indexOf("EvaluateModel"))).contains("LocalLimit 3");
        assertThat(rows("select embed(text) from texts limit 3")).hasSize(3);
    }

    @Test
    void columnsThatAreNotWantedAreNotRead() {
        String path = folder.resolve("table").toString();
        sql("select * from texts").write().parquet(path);
        for (String query : List.of(
                "select id, embed(text) from ",
                "select id from (select id, before from %s where embed(text)[0] > 0)")) {
            String table = "parquet.`" + path + "`";
            String plan = sql(query.contains("%s") ? query.formatted(table) : query + table)
                    .queryExecution()
                    .executedPlan()
                    .toString();
            assertThat(plan).contains("ReadSchema: struct<id:bigint,text:string>");
        }
    }

    @Test
    void joinsTakeCallsOnEitherSideAndOnBoth() {
        String oneSide = "select a.id, b.id from texts a join texts b on embed(a.text) = embed(b.text) and a.id < b.id";
        assertThat(rows(oneSide))
                .isNotEmpty()
                .allMatch(row -> vectors.get(row.get(0)).equals(vectors.get(row.get(1))));
        List<Row> pairs = rows("select a.id, log_likelihood(a.text, b.before) from texts a join texts b"
                + " on a.id = b.id and log_likelihood(a.text, b.before) < 0");
        assertThat(pairs)
                .isNotEmpty()
                .allMatch(row -> likelihoods.get(row.get(0)).equals(row.get(1)));
        List<Row> left = rows("select a.id, b.id from texts a left join texts b"
                + " on classify(b.text).label is not null and a.id = b.id order by a.id");
        assertThat(left).hasSize(SqlSession.ROWS).allMatch(row -> row.isNullAt(1) == (row.getLong(0) % 10 == 7));
    }

    @Test
    void aggregationsTakeCallsInGroupsInsideAndAbove() {
        Map<Object, Object> counts = byId(sql("select classify(text).label, count(*) from texts where text is not null"
                + " group by classify(text).label"));
        assertThat(counts.values().stream().mapToLong(count -> (Long) count).sum())
                .isEqualTo(labels.size());
        assertThat(counts.keySet()).isEqualTo(new java.util.TreeSet<>(labels.values()));
        assertThat(rows("select max(log_likelihood(text, before)), count(distinct embed(text)) from texts")
                        .get(0)
                        .getDouble(0))
                .isEqualTo(likelihoods.values().stream()
                        .mapToDouble(value -> (Double) value)
                        .max()
                        .orElseThrow());
        assertThat(
                        rows(
                                "select text, embed(text), embed(max(text)), count(*) from texts where text is not null group by text"))
                .isNotEmpty()
                .allMatch(row -> row.getList(1).equals(row.getList(2)));
        assertThat(rows("select distinct classify(text).label from texts where text is not null"))
                .hasSize(counts.size());
        assertThat(rows("select before, count(*) from texts group by before having embed(before)[0] is not null"))
                .hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shufflesSubqueriesWindowsAndUnionsAreFine(boolean adaptive) {
        SqlSession.SESSION.conf().set("spark.sql.adaptive.enabled", adaptive);
        assertThat(
                        rows(
                                "select id, row_number() over (partition by before order by log_likelihood(text, before)) from texts"))
                .hasSize(SqlSession.ROWS);
        assertThat(rows("with v as (select id, embed(text) e from texts) select a.id from v a join v b on a.id = b.id"
                        + " where a.e = b.e"))
                .hasSize(vectors.size());
        assertThat(
                        rows(
                                "select id from texts where classify(text).label in (select classify(text).label from texts where id = 1)"))
                .isNotEmpty()
                .allMatch(row -> labels.get(row.get(0)).equals(labels.get(1L)));
        assertThat(rows("select embed(text) from texts union all select embed(before) from texts"))
                .hasSize(2 * SqlSession.ROWS);
        assertThat(rows("select id, posexplode(embed(text)) from texts where id = 0"))
                .hasSize(24);
        assertThat(rows("select log_likelihood(classify(text).label, (select min(before) from texts)) from texts"
                        + " where text is not null"))
                .doesNotContainNull()
                .allMatch(row -> row.getDouble(0) < 0);
    }

    @Test
    void tablesAreWrittenAndCached() {
        String path = folder.resolve("vectors").toString();
        sql("select id, embed(text) e from texts where text is not null")
                .write()
                .parquet(path);
        assertThat(byId(SqlSession.SESSION.read().parquet(path))).isEqualTo(vectors);
        Dataset<Row> cached = sql("select id, embed(text) e from texts where text is not null")
                .cache();
        assertThat(byId(cached)).isEqualTo(vectors).isEqualTo(byId(cached));
        cached.unpersist();
    }

    @Test
    void plansShowWhatIsComputed() {
        for (String mode : List.of("", "formatted", "extended")) {
            String plan = rows("explain " + mode + " select id, embed(upper(text)) from texts")
                    .get(0)
                    .getString(0);
            assertThat(plan).contains("EvaluateModel", "embed(upper(text", "model=" + SqlSession.EMBEDDING);
        }
    }
}
