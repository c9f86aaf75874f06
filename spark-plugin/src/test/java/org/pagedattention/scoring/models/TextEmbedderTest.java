package org.pagedattention.scoring.models;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.cpu.CpuModels;
import org.pagedattention.executor.Figure;
import org.pagedattention.inference.EmbedOptions;
import org.pagedattention.inference.Embedder;
import org.pagedattention.model.Oracle;
import org.pagedattention.request.TextRequest;
import org.pagedattention.scoring.LocalSpark;
import org.pagedattention.scoring.ScoredTable;

/** Tables of texts in, the same rows with their vectors out. */
class TextEmbedderTest {
    private static final Oracle ORACLE = Oracle.of("sentence-bert");
    private static final String MODEL = ORACLE.files().folder();
    private static final StructType SCHEMA =
            new StructType().add("id", "long").add("text", "string").add("lang", "string");

    @BeforeAll
    static void startSpark() {
        assertThat(LocalSpark.SESSION).isNotNull();
    }

    /** Vectors of the library itself, one text at a time. */
    private static List<Embedder.Embedding> alone(List<String> texts) {
        try (CpuModels backend = new CpuModels(BackendSettings.defaults());
                Embedder embedder = Embedder.open(ORACLE.files(), backend, EmbedOptions.defaults())) {
            return texts.stream()
                    .map(text -> embedder.embed(List.of(text), 1).get(0))
                    .toList();
        }
    }

    private static List<String> texts(int count) {
        List<String> known =
                ORACLE.cases("texts").stream().map(Oracle.Case::text).toList();
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(i % 7 == 3 ? "" : known.get(i % known.size()) + " " + i);
        }
        return texts;
    }

    private static Dataset<Row> table(List<String> texts, int partitions) {
        List<Row> rows = new ArrayList<>();
        for (String text : texts) {
            rows.add(RowFactory.create((long) rows.size(), text, "en"));
        }
        return LocalSpark.table(rows, SCHEMA, partitions);
    }

    private static TextRequest request(String... settings) {
        Map<String, String> conf = new java.util.HashMap<>();
        for (String setting : settings) {
            String[] parts = setting.split("=", 2);
            conf.put(PagedAttentionConf.PREFIX + parts[0], parts[1]);
        }
        return TextRequest.text(MODEL, "text").withConf(PagedAttentionConf.parse(conf));
    }

    private static float[] floats(Row row, String column) {
        List<Float> list = row.getList(row.fieldIndex(column));
        float[] values = new float[list.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = list.get(i);
        }
        return values;
    }

    @ParameterizedTest
    @CsvSource({"1, 262144, 1024", "3, 262144, 1024", "2, 1, 1024", "2, 40, 3"})
    void givesEveryRowTheSameVectorHoweverItIsBatched(int partitions, int batchTokens, int batchRows) {
        List<String> texts = texts(60);
        TextRequest request = request("batch.maxTokens=" + batchTokens, "batch.maxSequences=" + batchRows);
        ScoredTable embedded =
                new TextEmbedder(request, EmbedOptions.defaults()).embedAndCount(table(texts, partitions));
        assertThat(embedded.rows().columns()).containsExactly("id", "text", "lang", "embedding", "tokens", "truncated");
        List<Row> rows = embedded.rows().orderBy("id").collectAsList();
        List<Embedder.Embedding> expected = alone(texts);
        assertThat(rows).hasSize(60);
        for (int i = 0; i < 60; i++) {
            Row row = rows.get(i);
            assertThat(row.getString(1)).isEqualTo(texts.get(i));
            assertThat(floats(row, "embedding")).isEqualTo(expected.get(i).vector());
            assertThat(row.<Integer>getAs("tokens")).isEqualTo(expected.get(i).tokens());
            assertThat(row.<Boolean>getAs("truncated"))
                    .isEqualTo(expected.get(i).truncated());
        }
    }

    @Test
    void countsTextsTokensAndThoseThatWereCut() {
        List<String> texts = List.of("a dog", "", "word ".repeat(100));
        ScoredTable embedded = new TextEmbedder(request(), EmbedOptions.defaults()).embedAndCount(table(texts, 1));
        int tokens = embedded.rows().collectAsList().stream()
                .mapToInt(row -> row.<Integer>getAs("tokens"))
                .sum();
        assertThat(embedded.counters().value(Figure.SEQUENCES)).isEqualTo(3);
        assertThat(embedded.counters().value(Figure.QUERY_TOKENS)).isEqualTo(tokens);
        assertThat(embedded.counters().value(Figure.TRUNCATED)).isEqualTo(1);
    }

    @Test
    void takesReadyTokensAndUsesThemUp() {
        Oracle.Case known = ORACLE.cases("texts").get(0);
        List<Row> rows = List.of(
                RowFactory.create(1L, boxed(known.tokens().ids())),
                RowFactory.create(2L, boxed(new int[200])),
                RowFactory.create(3L, List.of()),
                RowFactory.create(4L, List.of(2, 1 << 20)),
                RowFactory.create(5L, Arrays.asList(2, null)),
                RowFactory.create(6L, null));
        Dataset<Row> table =
                LocalSpark.table(rows, new StructType().add("id", "long").add("tokens", "array<int>"));
        TextRequest request = TextRequest.tokens(MODEL, "tokens").withConf(conf("null"));
        for (Dataset<Row> input :
                List.of(table, table.withColumn("tokens", col("tokens").cast("array<bigint>")))) {
            Dataset<Row> embedded = new TextEmbedder(request, EmbedOptions.defaults()).embed(input);
            assertThat(embedded.columns()).containsExactly("id", "embedding", "tokens", "truncated", "error");
            List<Row> found = embedded.collectAsList();
            assertThat(found.get(0).getInt(2)).isEqualTo(known.tokens().length());
            assertThat(floats(found.get(0), "embedding")).hasSize(24);
            assertThat(found.get(1).getInt(2)).isEqualTo(24);
            assertThat(found.get(1).getBoolean(3)).isTrue();
            assertThat(found.get(2).getString(4)).contains("it has no token");
            assertThat(found.get(3).getString(4)).contains("token id 1048576 is not from 0 to 199");
            assertThat(found.get(4).getString(4)).contains("column tokens has a null element", "null at 1");
            assertThat(found.get(5).getString(4)).contains("column tokens is null");
        }
    }

    private static List<Integer> boxed(int[] ids) {
        return Arrays.stream(ids).boxed().toList();
    }

    private static PagedAttentionConf conf(String onBadRow) {
        return PagedAttentionConf.parse(Map.of(PagedAttentionConf.PREFIX + "onBadRow", onBadRow));
    }

    @Test
    void keepsNullAndLongTextsWithTheirReason() {
        List<String> texts = Arrays.asList("a dog", null, "word ".repeat(100));
        TextRequest request =
                request("onBadRow=null").withOnLong(TextRequest.OnLong.FAIL).withMaxTokens(12);
        List<Row> rows = new TextEmbedder(request, EmbedOptions.defaults())
                .embed(table(texts, 1))
                .collectAsList();
        assertThat(rows).extracting(row -> row.getLong(0)).containsExactly(0L, 1L, 2L);
        assertThat(rows.get(0).isNullAt(6)).isTrue();
        assertThat(rows.get(1).getString(6))
                .isEqualTo("column text is null; expected a text, which may be empty, found null");
        assertThat(rows.get(2).getString(6)).startsWith("the row has more tokens than are taken; expected at most 12");
        assertThat(rows.get(2).isNullAt(3)).isTrue();
    }

    @Test
    void takesEveryTextThatAStringCanHold() {
        List<String> texts =
                List.of("\uD83D", "\uDE00\uD83D", "\u0000\uFEFF", " ", "x".repeat(1 << 20), "[SEP] [CLS]", "日本語");
        List<Row> rows = new TextEmbedder(request(), EmbedOptions.defaults())
                .embed(table(texts, 2))
                .collectAsList();
        assertThat(rows)
                .hasSize(7)
                .allSatisfy(row -> assertThat(floats(row, "embedding")).hasSize(24));
    }

    @Test
    void refusesColumnsThatDoNotFit() {
        Dataset<Row> table = table(List.of("a"), 1);
        refuses(table.withColumnRenamed("text", "words"), request(), "column 'text' is not in the input");
        refuses(table, TextRequest.text(MODEL, "id"), "column id is bigint: texts are STRING");
        refuses(table, TextRequest.tokens(MODEL, "text"), "column text is string: token ids are ARRAY<INT>");
        refuses(table.withColumn("tokens", col("id")), request(), "has a column 'tokens' already");
        refuses(table, TextRequest.pairs(MODEL, "text", "lang"), "a pair of texts has no one vector");
        refuses(table, request().withMaxTokens(65), "at most 65 tokens a row were asked for", "takes 1 to 24");
        refuses(table, TextRequest.text(MODEL + "/none", "text"), "model " + MODEL + "/none does not exist");
    }

    private static void refuses(Dataset<Row> table, TextRequest request, String... messages) {
        assertThatThrownBy(() -> new TextEmbedder(request, EmbedOptions.defaults()).embed(table))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .contains(messages);
    }

    @Test
    void normalizesAsAsked() {
        List<String> texts = List.of("a dog", "a cat");
        for (boolean normalize : new boolean[] {true, false}) {
            List<Row> rows = new TextEmbedder(request(), EmbedOptions.defaults().withNormalize(normalize))
                    .embed(table(texts, 1))
                    .collectAsList();
            for (Row row : rows) {
                double square = 0;
                for (float value : floats(row, "embedding")) {
                    square += value * value;
                }
                assertThat(Math.abs(square - 1) < 1e-5).isEqualTo(normalize);
            }
        }
    }

    @Test
    void doesNotMixTwoModels(@TempDir Path folder) throws IOException {
        copyTo(folder.resolve("model"));
        TextRequest request = TextRequest.text(folder.resolve("model").toString(), "text");
        Dataset<Row> embedded = new TextEmbedder(request, EmbedOptions.defaults()).embed(table(List.of("a dog"), 1));
        Path weights = folder.resolve("model/model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 1]++;
        Files.write(weights, bytes);
        assertThatThrownBy(embedded::collectAsList)
                .hasStackTraceContaining("is another one here than where the job was planned");
    }

    @Test
    void takesNoTokensOfOnesOwnForAPrompt(@TempDir Path folder) throws IOException {
        copyTo(folder.resolve("model"));
        Files.writeString(
                folder.resolve("model/1_Pooling/config.json"),
                "{\"embedding_dimension\": 32, \"pooling_mode\": \"mean\", \"include_prompt\": false}");
        String model = folder.resolve("model").toString();
        int[] ids = ORACLE.cases("texts").get(0).tokens().ids();
        Dataset<Row> table =
                LocalSpark.table(List.of(RowFactory.create(boxed(ids))), new StructType().add("ids", "array<int>"));
        Row ready = new TextEmbedder(TextRequest.tokens(model, "ids"), EmbedOptions.defaults())
                .embed(table)
                .first();
        Row text = new TextEmbedder(
                        TextRequest.text(model, "text"), EmbedOptions.defaults().withPromptText(""))
                .embed(table(List.of(ORACLE.cases("texts").get(0).text()), 1))
                .first();
        assertThat(floats(ready, "embedding")).isEqualTo(floats(text, "embedding"));
        assertThatThrownBy(() -> new TextEmbedder(
                        TextRequest.tokens(model, "ids"),
                        EmbedOptions.defaults().withPromptName("query")))
                .hasMessageContaining("no prompt can be put before them");
    }

    @Test
    void saysWhatItUnderstood() {
        assertThat(new TextEmbedder(request(), EmbedOptions.defaults()).description())
                .startsWith("BERT of ")
                .contains("pooling", "a dense layer to 24", "length 1", "rows of up to 24 tokens");
    }

    private static void copyTo(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(ORACLE.files().path())) {
            for (Path file : files.toList()) {
                Path copy = folder.resolve(ORACLE.files().path().relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy);
                }
            }
        }
    }
}
