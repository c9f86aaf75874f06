package org.pagedattention.scoring.models;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.spark_partition_id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.cpu.CpuModels;
import org.pagedattention.executor.Figure;
import org.pagedattention.inference.LikelihoodModel;
import org.pagedattention.inference.LikelihoodOptions;
import org.pagedattention.inference.LongContext;
import org.pagedattention.likelihood.Likelihood;
import org.pagedattention.likelihood.LikelihoodMode;
import org.pagedattention.likelihood.ScoredRow;
import org.pagedattention.likelihood.UnscorableRow;
import org.pagedattention.model.folder.LocalModelFiles;
import org.pagedattention.request.LikelihoodColumns;
import org.pagedattention.request.LikelihoodRequest;
import org.pagedattention.request.TextRequest;
import org.pagedattention.scoring.LocalSpark;
import org.pagedattention.scoring.ScoredTable;

/** Tables of texts in, the same rows with their log-likelihoods out. */
class LogLikelihoodTest {
    private static final StructType SCHEMA =
            new StructType().add("id", "long").add("context", "string").add("answer", "string");
    private static final LikelihoodColumns PAIRS = LikelihoodColumns.continuation("context", "answer");

    @TempDir
    static Path folder;

    private static LocalModelFiles files;

    @BeforeAll
    static void startSpark() {
        assertThat(LocalSpark.SESSION).isNotNull();
        files = LongContext.write(folder);
    }

    private static LikelihoodRequest request(LikelihoodColumns columns, String... settings) {
        Map<String, String> conf = new java.util.HashMap<>();
        for (String setting : settings) {
            String[] parts = setting.split("=", 2);
            conf.put(PagedAttentionConf.PREFIX + parts[0], parts[1]);
        }
        return LikelihoodRequest.of(folder.toString(), columns).withConf(PagedAttentionConf.parse(conf));
    }

    private static Dataset<Row> pairs(int rows, int partitions) {
        List<Row> table = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            String context =
                    "The question number " + i % 5 + " of a long list, which goes on and on. ".repeat(4 + i % 3);
            table.add(RowFactory.create((long) i, i % 11 == 3 ? "" : context, " answer " + i % 7));
        }
        return LocalSpark.table(table, SCHEMA, partitions);
    }

    private static List<Likelihood> expected(List<Row> rows) throws UnscorableRow {
        try (ModelBackend backend = new CpuModels(BackendSettings.defaults());
                LikelihoodModel model = LikelihoodModel.open(
                        files, backend, LikelihoodOptions.defaults().withSharePrefixes(false), 0)) {
            List<ScoredRow> scored = new ArrayList<>();
            for (Row row : rows) {
                scored.add(model.rules().continuation(row.getString(1), row.getString(2)));
            }
            return model.score(scored, 1000);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 65536, 1024", "3, 65536, 1024", "2, 300, 4", "2, 1, 1024"})
    void givesEveryRowTheSameHoweverItIsBatched(int partitions, int batchTokens, int batchRows) throws UnscorableRow {
        LikelihoodRequest request = request(PAIRS, "batch.maxTokens=" + batchTokens, "batch.maxSequences=" + batchRows)
                .withTokenLogProbs(true);
        LogLikelihood likelihood = new LogLikelihood(request, LikelihoodOptions.defaults());
        Dataset<Row> table = pairs(80, partitions);
        List<Row> rows = likelihood.score(table).orderBy("id").collectAsList();
        assertThat(likelihood.outputSchema(SCHEMA).fieldNames())
                .containsExactly(
                        "id",
                        "context",
                        "answer",
                        "log_likelihood",
                        "tokens",
                        "is_greedy",
                        "truncated",
                        "bytes",
                        "word_count",
                        "token_log_probs");
        List<Likelihood> expected = expected(rows);
        assertThat(rows).hasSize(80);
        for (int i = 0; i < 80; i++) {
            Row row = rows.get(i);
            assertThat(row.getString(2)).isEqualTo(" answer " + i % 7);
            assertThat(row.<Double>getAs("log_likelihood"))
                    .isEqualTo(expected.get(i).sum());
            assertThat(row.<Boolean>getAs("is_greedy"))
                    .isEqualTo(expected.get(i).greedy());
            assertThat(row.<Integer>getAs("bytes")).isEqualTo(9);
            assertThat(row.<Integer>getAs("word_count")).isEqualTo(3);
            assertThat(row.<Boolean>getAs("truncated")).isFalse();
            List<Float> tokens = row.getList(row.fieldIndex("token_log_probs"));
            assertThat(tokens).hasSize(row.<Integer>getAs("tokens"));
            assertThat(tokens.stream().mapToDouble(Float::doubleValue).sum())
                    .isCloseTo(expected.get(i).sum(), within(1e-9));
        }
    }

    @Test
    void countsWhatIsGivenAndWhatIsComputed() {
        ScoredTable shared =
                new LogLikelihood(request(PAIRS), LikelihoodOptions.defaults()).scoreAndCount(pairs(80, 1));
        ScoredTable alone = new LogLikelihood(
                        request(PAIRS), LikelihoodOptions.defaults().withSharePrefixes(false))
                .scoreAndCount(pairs(80, 1));
        int tokens = shared.rows().collectAsList().stream()
                .mapToInt(row -> row.<Integer>getAs("tokens"))
                .sum();
        assertThat(alone.rows().collectAsList()).hasSize(80);
        for (ScoredTable table : List.of(shared, alone)) {
            assertThat(table.counters().value(Figure.SEQUENCES)).isEqualTo(80);
            assertThat(table.counters().value(Figure.SCORED_TOKENS)).isEqualTo(tokens);
        }
        long given = alone.counters().value(Figure.QUERY_TOKENS);
        assertThat(shared.counters().value(Figure.QUERY_TOKENS)).isEqualTo(given);
        assertThat(alone.counters().value(Figure.COMPUTED_TOKENS)).isEqualTo(given);
        assertThat(shared.counters().value(Figure.COMPUTED_TOKENS)).isLessThan(given / 2);
    }

    @Test
    void scoresTextsAndDocuments() {
        String dog = "the dog and the café";
        String lengthy = "a table of rows and columns, ".repeat(20);
        List<Row> rows = List.of(
                RowFactory.create(1L, dog, ""), RowFactory.create(2L, "", ""), RowFactory.create(3L, lengthy, ""));
        Dataset<Row> table = LocalSpark.table(rows, SCHEMA, 1);
        LikelihoodRequest texts = request(LikelihoodColumns.text("context")).withMaxTokens(64);
        List<Row> cut = new LogLikelihood(texts, LikelihoodOptions.defaults())
                .score(table)
                .collectAsList();
        assertThat(cut.get(0).<Integer>getAs("bytes")).isEqualTo(dog.getBytes(StandardCharsets.UTF_8).length);
        assertThat(cut.get(0).<Integer>getAs("word_count")).isEqualTo(5);
        assertThat(cut.get(1).<Double>getAs("log_likelihood")).isZero();
        assertThat(cut.get(1).<Integer>getAs("tokens")).isZero();
        assertThat(cut.get(2).<Integer>getAs("tokens")).isEqualTo(64);
        assertThat(cut).extracting(row -> row.<Boolean>getAs("truncated")).containsExactly(false, false, true);
        List<Row> whole = new LogLikelihood(texts.withMode(LikelihoodMode.ROLLING), LikelihoodOptions.defaults())
                .score(table)
                .collectAsList();
        assertThat(whole).extracting(row -> row.<Boolean>getAs("truncated")).containsOnly(false);
        assertThat(whole.get(2).<Integer>getAs("tokens")).isGreaterThan(200);
        assertThat(whole.get(2).<Double>getAs("log_likelihood"))
                .isLessThan(cut.get(2).<Double>getAs("log_likelihood"));
    }

    @Test
    void takesReadyTokensAndUsesThemUp() {
        StructType schema =
                new StructType().add("id", "long").add("before", "array<int>").add("ids", "array<int>");
        List<Row> rows = List.of(
                RowFactory.create(1L, List.of(7, 8), List.of(9)),
                RowFactory.create(2L, List.of(), List.of(9)),
                RowFactory.create(3L, List.of(7), List.of()),
                RowFactory.create(4L, List.of(7), List.of(290)),
                RowFactory.create(5L, null, List.of(9)));
        Dataset<Row> table = LocalSpark.table(rows, schema, 1);
        LikelihoodRequest request = request(LikelihoodColumns.continuationTokens("before", "ids"), "onBadRow=null");
        LogLikelihood likelihood = new LogLikelihood(request, LikelihoodOptions.defaults());
        for (Dataset<Row> input :
                List.of(table, table.withColumn("ids", col("ids").cast("array<bigint>")), likelihood.grouped(table))) {
            Dataset<Row> scored = likelihood.score(input).orderBy("id");
            assertThat(scored.columns())
                    .containsExactly("id", "log_likelihood", "tokens", "is_greedy", "truncated", "error");
            List<Row> found = scored.collectAsList();
            assertThat(found.get(0).getInt(2)).isEqualTo(1);
            assertThat(found.get(1).getDouble(1)).isNegative();
            assertThat(found.get(2).getString(5)).contains("the continuation has no token of its own");
            assertThat(found.get(3).getString(5)).contains("token id 290 is not from 0 to 289");
            assertThat(found.get(4).getString(5)).contains("column before is null");
        }
    }

    @Test
    void keepsBadRowsWithTheirReason() {
        List<Row> rows = List.of(
                RowFactory.create(1L, "the dog", " runs"),
                RowFactory.create(2L, null, " runs"),
                RowFactory.create(3L, "the dog", null),
                RowFactory.create(4L, "the dog", ""),
                RowFactory.create(5L, "the dog ".repeat(40), "runs"),
                RowFactory.create(6L, "the dog", " runs".repeat(60)));
        LikelihoodRequest request = request(PAIRS, "onBadRow=null").withMaxTokens(64);
        List<Row> cut = new LogLikelihood(request, LikelihoodOptions.defaults())
                .score(LocalSpark.table(rows, SCHEMA, 1))
                .collectAsList();
        List<Row> strict = new LogLikelihood(request.withOnLong(TextRequest.OnLong.FAIL), LikelihoodOptions.defaults())
                .score(LocalSpark.table(rows, SCHEMA, 1))
                .collectAsList();
        for (List<Row> found : List.of(cut, strict)) {
            assertThat(found.get(0).<Double>getAs("log_likelihood")).isNegative();
            assertThat(found.get(1).<String>getAs("error")).contains("column context is null");
            assertThat(found.get(2).<String>getAs("error")).contains("column answer is null");
            assertThat(found.get(3).<String>getAs("error")).contains("no token of its own");
            assertThat(found.get(5).<String>getAs("error")).contains("more tokens than the model takes", "at most 64");
        }
        assertThat(cut.get(4).<Boolean>getAs("truncated")).isTrue();
        assertThat(cut.get(4).<Double>getAs("log_likelihood")).isNegative();
        assertThat(strict.get(4).<String>getAs("error")).contains("more tokens than are taken");
    }

    /** Two rows of five begin alike: they are neighbours, and no task gets much more than its share. */
    @Test
    void bringsRowsThatBeginAlikeTogether() {
        List<Row> rows = IntStream.range(0, 3000)
                .mapToObj(i -> RowFactory.create(
                        (long) i,
                        i % 5 < 2 ? "one question" : "question " + i * 37 % 101,
                        i % 10 == 0 ? "yes" : "no" + i))
                .map(Row.class::cast)
                .toList();
        LogLikelihood likelihood = new LogLikelihood(request(PAIRS), LikelihoodOptions.defaults());
        List<Row> grouped = likelihood
                .grouped(LocalSpark.table(rows, SCHEMA, 4))
                .withColumn("task", spark_partition_id())
                .collectAsList();
        assertThat(grouped).hasSize(3000);
        assertThat(grouped.stream().map(row -> row.getLong(0)).distinct()).hasSize(3000);
        List<String> contexts = grouped.stream().map(row -> row.getString(1)).toList();
        assertThat(contexts).isSorted();
        long[] sizes = new long[100];
        grouped.forEach(row -> sizes[row.getInt(3)]++);
        long[] used = Arrays.stream(sizes).filter(size -> size > 0).sorted().toArray();
        assertThat(used.length).isGreaterThan(3);
        assertThat(used[used.length - 1]).isLessThanOrEqualTo(2 * used[used.length / 2]);
    }

    @Test
    void refusesWhatCannotBe() {
        LogLikelihood likelihood = new LogLikelihood(request(PAIRS), LikelihoodOptions.defaults());
        assertThatThrownBy(() -> likelihood.score(pairs(3, 1).drop("answer")))
                .hasMessageContaining("column 'answer' is not in the input")
                .hasMessageContaining("continuations");
        assertThatThrownBy(() -> likelihood.grouped(pairs(3, 1).withColumn("context", col("id"))))
                .hasMessageContaining("column context is bigint: texts are STRING");
        assertThatThrownBy(() -> likelihood.score(pairs(3, 1).withColumn("tokens", col("id"))))
                .hasMessageContaining("the input has a column 'tokens' already");
        assertThatThrownBy(() -> request(PAIRS).withMode(LikelihoodMode.TEXT))
                .hasMessageContaining("which only the mode continuation has");
        assertThatThrownBy(() -> request(LikelihoodColumns.text("context")).withMode(LikelihoodMode.CONTINUATION))
                .hasMessageContaining("no column is named that holds these");
        assertThatThrownBy(() -> request(PAIRS).withMaxTokens(-1)).hasMessageContaining("ask for 1 or more");
    }
}
