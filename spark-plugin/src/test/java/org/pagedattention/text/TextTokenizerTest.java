package org.pagedattention.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.model.Oracle;

class TextTokenizerTest {
    private static final int LONGEST = 64;
    private static final String BERT = "bert-classifier";
    private static final String ROBERTA = "roberta-reranker";
    private static final String XLM_ROBERTA = "xlm-roberta-reranker";

    @ParameterizedTest
    @ValueSource(strings = {BERT, "distilbert-classifier", ROBERTA, XLM_ROBERTA})
    void makesTheIdsThatTransformersMakes(String model) throws IOException {
        Oracle oracle = Oracle.of(model);
        try (TextTokenizer tokenizer = tokenizer(model, LONGEST)) {
            for (int i = 0; i < oracle.cases("texts").size(); i++) {
                Oracle.Case text = oracle.cases("texts").get(i);
                if (!model.equals(XLM_ROBERTA) || !text.text().matches(".*</?(s|pad|mask)>.*")) {
                    Tokens tokens = tokenizer.encode(text.text());
                    assertThat(tokens.ids())
                            .as(text.text())
                            .isEqualTo(text.tokens().ids());
                    assertThat(tokens.types()).containsOnly(0).hasSameSizeAs(tokens.ids());
                    assertThat(tokens.truncated()).isEqualTo(oracle.whole(i).length > LONGEST);
                }
            }
            for (Oracle.Case pair : oracle.cases("pairs")) {
                if (!model.equals(XLM_ROBERTA) || !pair.text().contains("</s>")) {
                    Tokens tokens = tokenizer.encode(pair.text(), pair.pair());
                    assertThat(tokens.ids())
                            .as(pair.text())
                            .isEqualTo(pair.tokens().ids());
                    assertThat(tokens.types()).isEqualTo(pair.tokens().types());
                }
            }
        }
    }

    /** transformers takes "[SEP]" in a text for the token, so that a row's text could end a sequence. */
    @ParameterizedTest
    @CsvSource({
        "bert-classifier, [CLS] a [SEP] b [MASK] [PAD] [UNK]",
        "roberta-reranker, <s>a</s> b<mask><pad>",
        "xlm-roberta-reranker, <s> a </s> b<mask> <pad></s>"
    })
    void makesNoSpecialTokenOfText(String model, String text) throws IOException {
        try (TextTokenizer tokenizer = tokenizer(model, LONGEST)) {
            int[] none = tokenizer.encode("").ids();
            assertThat(none).hasSize(2);
            int[] ids = tokenizer.encode(text).ids();
            assertThat(ids[0]).isEqualTo(none[0]);
            assertThat(ids[ids.length - 1]).isEqualTo(none[1]);
            int[] special = model.equals(BERT) ? new int[] {0, 2, 3, 4} : new int[] {0, 1, 2};
            assertThat(Arrays.copyOfRange(ids, 1, ids.length - 1)).isNotEmpty().doesNotContain(special);
        }
    }

    @Test
    void ignoresWhatTheFileSaysOfPaddingAndTruncation() throws IOException {
        ObjectNode json = (ObjectNode) new ObjectMapper().readTree(read(BERT, "tokenizer.json"));
        json.putObject("padding")
                .put("direction", "Right")
                .put("pad_id", 0)
                .put("pad_token", "[PAD]")
                .put("pad_type_id", 0)
                .putNull("pad_to_multiple_of")
                .putObject("strategy")
                .put("Fixed", 16);
        json.putObject("truncation")
                .put("direction", "Left")
                .put("max_length", 4)
                .put("strategy", "OnlyFirst")
                .put("stride", 0);
        try (TextTokenizer asked = new TextTokenizer(json.toString(), "{}", 600);
                TextTokenizer plain = tokenizer(BERT, 600)) {
            String text = "The lazy dog is read, scored and written. ".repeat(60);
            assertThat(asked.encode("a dog").ids())
                    .isEqualTo(plain.encode("a dog").ids());
            assertThat(asked.encode(text).ids())
                    .isEqualTo(plain.encode(text).ids())
                    .hasSize(600);
        }
    }

    @Test
    void letsTheConfigurationWin() throws IOException {
        String json = read(BERT, "tokenizer.json");
        try (TextTokenizer cased = new TextTokenizer(json, "{\"do_lower_case\": false}", LONGEST);
                TextTokenizer left = new TextTokenizer(json, "{\"truncation_side\": \"left\"}", 6);
                TextTokenizer plain = tokenizer(BERT, LONGEST)) {
            assertThat(plain.encode("THE").ids()).isEqualTo(plain.encode("the").ids());
            assertThat(cased.encode("THE").ids())
                    .isNotEqualTo(cased.encode("the").ids());
            int[] end = plain.encode("the happy person").ids();
            int[] cut = left.encode("that is the happy person").ids();
            assertThat(cut).hasSize(6).endsWith(Arrays.copyOfRange(end, end.length - 3, end.length));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {BERT, ROBERTA, XLM_ROBERTA})
    void keepsTheSameTokensOfATextThatIsFarTooLong(String model) throws IOException {
        Random random = new Random(1);
        List<String> words = List.of(
                "dog",
                "shells",
                "\u00e9t\u00e9",
                "42",
                "the,",
                " ",
                "\n\n",
                "quick-brown",
                "\u4f60\u597d",
                "x".repeat(300));
        StringBuilder text = new StringBuilder();
        while (text.length() < 300_000) {
            text.append(words.get(random.nextInt(words.size()))).append(' ');
        }
        String sparse = " ".repeat(50_000) + text;
        try (TextTokenizer cutting = tokenizer(model, LONGEST);
                TextTokenizer never = tokenizer(model, 10_000_000)) {
            for (String wanted : List.of(text.toString(), sparse, "y".repeat(100_000) + " " + text)) {
                int[] all = never.encode(wanted).ids();
                int[] kept = cutting.encode(wanted).ids();
                assertThat(kept).hasSize(LONGEST);
                assertThat(Arrays.copyOf(kept, LONGEST - 1)).isEqualTo(Arrays.copyOf(all, LONGEST - 1));
                assertThat(cutting.encode(wanted).truncated()).isTrue();
                assertThat(never.encode(wanted).truncated()).isFalse();
            }
        }
    }

    @Test
    void cutsBeforeWordsOnly() {
        TextCut cut = new TextCut(2, true);
        assertThat(cut.first("short")).isEqualTo(5);
        String text = "word ".repeat(100);
        assertThat(cut.first(text)).isEqualTo(65);
        assertThat(cut.next(text, 65)).isEqualTo(260);
        assertThat(cut.next(text, 260)).isEqualTo(500);
        assertThat(cut.first("x".repeat(1000))).isEqualTo(1000);
        assertThat(new TextCut(2, false).first(text)).isEqualTo(500);
    }

    @Test
    void takesAnyText() throws IOException {
        try (TextTokenizer tokenizer = tokenizer(BERT, LONGEST)) {
            for (String text :
                    List.of("\ud83d", "\ude01\ud83d", "a\u0000b", "\ufeff", "\u0007", " ", "z".repeat(1_000_000))) {
                Tokens tokens = tokenizer.encode(text);
                assertThat(tokens.ids()).startsWith(2).endsWith(3).hasSizeLessThan(8);
                assertThat(tokens.truncated()).isFalse();
            }
        }
    }

    @Test
    void countsThePromptAsSentenceTransformersDoes() throws IOException {
        try (TextTokenizer bert = tokenizer(BERT, LONGEST)) {
            assertThat(bert.promptTokens("")).isZero();
            int[] ids = bert.encode("query: ").ids();
            assertThat(bert.promptTokens("query: ")).isEqualTo(ids.length - 1);
            assertThat(bert.encode("query: a dog").ids()).startsWith(Arrays.copyOf(ids, ids.length - 1));
        }
    }

    @Test
    void refusesWhatIsNoTokenizer() {
        assertThatThrownBy(() -> new TextTokenizer("{", "{}", 8))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("tokenizer.json is no JSON");
        assertThatThrownBy(() -> new TextTokenizer("{\"model\": {\"type\": \"Words\"}}", "{}", 8))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("tokenizer.json is not understood by the tokenizers' library");
        assertThatThrownBy(() -> new TextTokenizer("{}", "[]", 8))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tokenizer_config.json is no JSON object");
    }

    @Test
    void servesSeveralThreadsUntilItIsClosed() throws Exception {
        TextTokenizer tokenizer = tokenizer(BERT, LONGEST);
        List<int[]> expected = IntStream.range(0, 50)
                .mapToObj(i -> tokenizer.encode("dog " + i).ids())
                .toList();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Integer>> runs = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                runs.add(threads.submit(() -> {
                    int right = 0;
                    try {
                        while (true) {
                            int i = right % 50;
                            assertThat(tokenizer.encode("dog " + i).ids()).isEqualTo(expected.get(i));
                            right++;
                        }
                    } catch (IllegalStateException e) {
                        assertThat(e).hasMessage("the tokenizer is closed");
                        return right;
                    }
                }));
            }
            Thread.sleep(300);
            tokenizer.close();
            tokenizer.close();
            for (Future<Integer> run : runs) {
                assertThat(run.get()).isPositive();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** Spark Connect gives each session a class loader of its own. */
    @Test
    void worksInSeveralClassLoaders() throws Exception {
        URL[] classes = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> toUrl(Path.of(entry)))
                .toArray(URL[]::new);
        int[] expected;
        try (TextTokenizer tokenizer = tokenizer(BERT, LONGEST)) {
            expected = tokenizer.encode("a dog").ids();
        }
        for (int i = 0; i < 2; i++) {
            try (URLClassLoader loader = new URLClassLoader(classes, ClassLoader.getPlatformClassLoader())) {
                Class<?> type = loader.loadClass(TextTokenizer.class.getName());
                Object tokenizer = type.getConstructor(String.class, String.class, int.class)
                        .newInstance(read(BERT, "tokenizer.json"), "{}", LONGEST);
                Object tokens = type.getMethod("encode", String.class).invoke(tokenizer, "a dog");
                assertThat(tokens.getClass().getMethod("ids").invoke(tokens)).isEqualTo(expected);
                type.getMethod("close").invoke(tokenizer);
            }
        }
    }

    @Test
    void leavesNothingBehind() throws IOException {
        try (TextTokenizer tokenizer = tokenizer(BERT, LONGEST);
                var files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            assertThat(tokenizer.encode("a dog").ids()).isNotEmpty();
            long now =
                    ProcessHandle.current().info().startInstant().orElseThrow().toEpochMilli();
            assertThat(files.filter(file -> file.getFileName().toString().startsWith("paged-attention-tokenizers"))
                            .filter(file -> file.toFile().lastModified() >= now))
                    .isEmpty();
        }
    }

    @Test
    void namesTheLibraryOfEachSystem() {
        assertThat(TokenizersNative.resource("Linux", "amd64"))
                .isEqualTo("native/lib/linux-x86_64/cpu/libtokenizers.so");
        assertThat(TokenizersNative.resource("Linux", "aarch64"))
                .isEqualTo("native/lib/linux-aarch64/cpu/libtokenizers.so");
        assertThat(TokenizersNative.resource("Mac OS X", "aarch64"))
                .isEqualTo("native/lib/osx-aarch64/cpu/libtokenizers.dylib");
    }

    private static TextTokenizer tokenizer(String model, int longest) throws IOException {
        return new TextTokenizer(read(model, "tokenizer.json"), read(model, "tokenizer_config.json"), longest);
    }

    private static String read(String model, String file) throws IOException {
        return Files.readString(Oracle.of(model).files().path().resolve(file));
    }

    private static URL toUrl(Path path) {
        try {
            return path.toUri().toURL();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
