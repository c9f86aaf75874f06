package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.pagedattention.sql.PagedAttentionExtensions;

/** Fragments of the documentation: queries are run, Java is compiled, Python is read, and languages are those that are tested. */
class DocsFragmentsTest {
    private static final Pattern IMPORT = Pattern.compile("(?m)^import .*;\\n");
    private static final Pattern STAGE = Pattern.compile("\\bStage\\(\"(\\w+)\"((?:, \\w+=\"[^\"]*\")*)\\)");

    /** What the fragments take for granted. */
    private static final String JAVA = """
            import java.util.*;
            import org.apache.spark.sql.*;
            %s
            class Fragment {
                void run(SparkSession spark, Dataset<Row> candidates, Dataset<Row> histories) throws Exception {
            %s
                }
            }
            """;

    @TempDir
    Path folder;

    @Test
    void areOfLanguagesThatTestsKnow() {
        assertThat(Page.all().stream().flatMap(page -> page.blocks().stream()).map(Page.Block::language))
                .isSubsetOf("sh", "sql", "java", "python", "json", "text");
    }

    @TestFactory
    Stream<DynamicTest> queriesAreAnswered() throws IOException {
        SparkSession session = sessionWithFunctions();
        view(session, "articles", "{\"id\":1,\"title\":\"a cat\",\"body\":\"the dog runs\"}");
        view(session, "questions", "{\"question\":\"a\",\"prompt\":\"the dog \",\"answer\":\"runs\"}");
        Files.createDirectories(folder.resolve("target/tutorial"));
        Files.writeString(
                folder.resolve("target/tutorial/articles.json"), "{\"title\":\"a cat\",\"body\":\"the dog runs\"}\n");
        return fragments("sql")
                .flatMap(fragment -> Stream.of(fragment.getValue().split(";\\s*\\n")))
                .map(query -> DynamicTest.dynamicTest(query, () -> {
                    String here = StandIns.in(query).replace("`target/", "`" + folder + "/target/");
                    assertThat(session.sql(here).collectAsList()).isNotNull();
                }));
    }

    private static void view(SparkSession session, String name, String... rows) {
        session.read()
                .json(session.createDataset(List.of(rows), Encoders.STRING()))
                .createOrReplaceTempView(name);
    }

    /** A session beside that of the other tests. */
    static SparkSession sessionWithFunctions() {
        SparkSession others = JobRun.spark();
        SparkSession.clearActiveSession();
        SparkSession.clearDefaultSession();
        try {
            return SparkSession.builder()
                    .withExtensions(new PagedAttentionExtensions())
                    .getOrCreate();
        } finally {
            SparkSession.setDefaultSession(others);
            SparkSession.setActiveSession(others);
        }
    }

    @TestFactory
    Stream<DynamicTest> javaCompiles() {
        return fragments("java")
                .map(fragment ->
                        DynamicTest.dynamicTest(fragment.getKey().toString(), () -> compile(fragment.getValue())));
    }

    private void compile(String fragment) {
        String imports =
                IMPORT.matcher(fragment).results().map(MatchResult::group).collect(Collectors.joining());
        String source = String.format(JAVA, imports, IMPORT.matcher(fragment).replaceAll(""));
        JavaFileObject file =
                new SimpleJavaFileObject(URI.create("string:///Fragment.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source;
                    }
                };
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        assertThat(compiler).as("tests run on a JDK").isNotNull();
        StringWriter said = new StringWriter();
        List<String> options = List.of(
                "-proc:none",
                "-d",
                folder.toString(),
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        assertThat(compiler.getTask(said, null, null, options, null, List.of(file))
                        .call())
                .as(said + source)
                .isTrue();
    }

    /** By Python itself where there is one; what stages and their Params are called is compared everywhere. */
    @TestFactory
    Stream<DynamicTest> pythonIsPython() {
        return fragments("python")
                .map(fragment -> DynamicTest.dynamicTest(fragment.getKey().toString(), () -> {
                    String source = fragment.getValue();
                    assertThat(source.chars().filter(c -> c == '(' || c == '[').count())
                            .isEqualTo(source.chars()
                                    .filter(c -> c == ')' || c == ']')
                                    .count());
                    STAGE.matcher(source).results().forEach(DocsFragmentsTest::assertStage);
                    if (Files.isExecutable(Path.of("/usr/bin/env")) && run("", "python3", "--version") == 0) {
                        assertThat(run(source, "python3", "-c", "import ast, sys; ast.parse(sys.stdin.read())"))
                                .as(source)
                                .isZero();
                    }
                }));
    }

    private static void assertStage(MatchResult stage) {
        try {
            Class<?> type = Class.forName("org.pagedattention.ml." + stage.group(1));
            Pattern.compile(", (\\w)(\\w*)=")
                    .matcher(stage.group(2))
                    .results()
                    .forEach(param -> assertThat(type.getMethods())
                            .extracting("name")
                            .contains("set" + param.group(1).toUpperCase(Locale.ROOT) + param.group(2)));
        } catch (ClassNotFoundException e) {
            throw new AssertionError(stage.group(), e);
        }
    }

    private static int run(String input, String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(Stream.concat(Stream.of("/usr/bin/env"), Stream.of(command))
                        .toList())
                .redirectErrorStream(true)
                .start();
        try (OutputStream to = process.getOutputStream()) {
            to.write(input.getBytes(StandardCharsets.UTF_8));
        }
        process.getInputStream().readAllBytes();
        return process.waitFor();
    }

    private static Stream<Map.Entry<Page, String>> fragments(String language) {
        return Page.all().stream()
                .flatMap(page -> page.blocks().stream()
                        .filter(block -> block.language().equals(language))
                        .map(block -> Map.entry(page, block.text())));
    }
}
