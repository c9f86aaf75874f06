package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.deploy.SparkSubmitArguments;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.pagedattention.jobs.cli.Console;
import scala.collection.immutable.Map$;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Every command of the documentation is one that its program understands, and every job is run, on small tables and tiny
 * models in place of those that the pages name, but for {@link #ONLY_UNDERSTOOD}.
 */
@EnabledOnOs(OS.LINUX)
class DocsCommandsTest {
    /** What is not run here, and why: what a command begins with, or an option of it. */
    private static final Map<String, String> ONLY_UNDERSTOOD = Map.ofEntries(
            Map.entry("demo.sh", "gets a model and texts from the network"),
            Map.entry("get-model.sh", "gets a model from the network"),
            Map.entry("get-glosses.sh", "gets texts from the network"),
            Map.entry("test.sh", "runs this test"),
            Map.entry("mvnw", "builds what this test is part of"),
            Map.entry("cluster.sh", "ClusterTest starts clusters, and these commands ask for GPUs"),
            Map.entry("faults.sh", "takes minutes"),
            Map.entry("soak.sh", "takes minutes"),
            Map.entry("--master", "needs a cluster"),
            Map.entry("--properties-file", "needs a cluster"));

    private static final String SHAPE = "--query-heads 32 --kv-heads 8 --head-dim 128 --dtype bf16";

    @TempDir
    static Path shared;

    private static final List<Map.Entry<Page, List<ShellCommand>>> COMMANDS = new ArrayList<>();

    @BeforeAll
    static void readPagesAndMakeTables() throws IOException, InterruptedException {
        COMMANDS.clear();
        for (Page page : Page.all()) {
            Path folder = Files.createDirectories(shared.resolve("pages").resolve(page.name()));
            COMMANDS.add(Map.entry(page, ShellCommand.of(page, folder)));
        }
        texts("articles", "body", "title", "question");
        texts("pages", "body", "title");
        texts("questions", "prompt", "answer");
        texts("pairs", "question", "passage");
        texts("definitions", "words", "gloss");
        JobRun.table(table("definitions")).write().json(table("glosses").toString());
        done(JobRun.of("generate --output " + table("sequences"), "--sequences 4 --lengths fixed:3", SHAPE));
        twoTables("user", "candidates", "histories", "");
        twoTables("prompt", "replies", "prompts", "--own-tokens fixed:2");
        done(JobRun.of(
                "embed --text body --model " + StandIns.in("models/all-MiniLM-L6-v2"),
                "--input " + table("articles") + " --output " + table("made-by-sentence-transformers")));
    }

    @TestFactory
    Stream<DynamicTest> areUnderstood() {
        return commands()
                .map(command -> DynamicTest.dynamicTest(command.toString(), () -> {
                    if (command.isJob()) {
                        understand(command);
                    } else {
                        Path script = Page.ROOT.resolve("scripts").resolve(command.program());
                        List<String> options = command.arguments().stream()
                                .filter(word -> word.startsWith("--"))
                                .toList();
                        if (Files.exists(script)) {
                            String known = Files.readString(script);
                            assertThat(options).allMatch(known::contains);
                        }
                    }
                }));
    }

    /** By the parsers of the jobs and of spark-submit. */
    private static void understand(ShellCommand command) throws IOException {
        List<String> options = new ArrayList<>(command.sparkOptions());
        options.replaceAll(word -> word.startsWith("conf/") ? "../" + word : word);
        if (command.program().equals("submit.sh")) {
            options.addAll(List.of("--class", Main.class.getName(), "spark-internal"));
        }
        SparkSubmitArguments submitted = new SparkSubmitArguments(
                CollectionConverters.asScala(options).toSeq(),
                Map$.MODULE$.from(CollectionConverters.asScala(Map.of("HADOOP_CONF_DIR", "conf"))));
        assertThat(submitted.mainClass()).isEqualTo(Main.class.getName());
        Console console = new Console(new PrintWriter(new StringWriter()), new PrintWriter(new StringWriter()));
        for (String job : String.join("\0", command.jobOptions()).split("\0--then\0")) {
            assertThat(Main.commandLine(console).parseArgs(job.split("\0")).hasSubcommand())
                    .isTrue();
        }
    }

    @TestFactory
    Stream<DynamicTest> workOnSmallTables() {
        return COMMANDS.stream()
                .flatMap(page -> page.getValue().stream()
                        .filter(command -> reasonNotToRun(command).isEmpty())
                        .map(command -> DynamicTest.dynamicTest(
                                page.getKey() + ": " + command, () -> done(run(page.getKey(), command)))));
    }

    private static JobRun run(Page page, ShellCommand command) throws IOException {
        Path folder = shared.resolve("pages").resolve(page.name());
        return JobRun.ofWords(
                command.jobOptions().stream().map(word -> here(word, folder)).toArray(String[]::new));
    }

    /** What stands in for a path: a small table, a tiny model, or a folder of the page's own. */
    private static String here(String word, Path folder) {
        String name = word.substring(word.lastIndexOf('/') + 1);
        if (word.startsWith("quarantine=")) {
            return "quarantine=" + here(word.substring("quarantine=".length()), folder);
        }
        if (word.startsWith("/data/")) {
            return (Files.exists(table(name))
                            ? table(name)
                            : folder.resolve("data").resolve(name))
                    .toString();
        }
        if (word.startsWith("texts/")) {
            return table("glosses").toString();
        }
        return word.startsWith("target/") ? folder.resolve(word).toString() : StandIns.in(word);
    }

    @Test
    void areLeftOutForAReasonThatStillHolds() {
        Map<String, String> unused = new TreeMap<>(ONLY_UNDERSTOOD);
        commands().forEach(command -> reasonNotToRun(command).ifPresent(unused::remove));
        assertThat(unused).isEmpty();
        assertThat(commands().filter(command -> !command.isJob()))
                .allMatch(command -> reasonNotToRun(command).isPresent());
    }

    /** What of it is listed as not to be run. */
    private static Optional<String> reasonNotToRun(ShellCommand command) {
        String words = " " + command + " ";
        return ONLY_UNDERSTOOD.keySet().stream()
                .filter(what -> words.contains(" " + what + " "))
                .sorted()
                .findFirst();
    }

    private static Stream<ShellCommand> commands() {
        return COMMANDS.stream().flatMap(page -> page.getValue().stream());
    }

    private static void done(JobRun run) {
        assertThat(run.status()).as(run.err() + run.out()).isZero();
    }

    private static Path table(String name) {
        return shared.resolve("data").resolve(name);
    }

    /** Tables with their key named as the documentation names it. */
    private static void twoTables(String key, String rows, String histories, String more) {
        done(JobRun.of(
                "generate histories --output " + table("made-" + rows) + " --kv-output " + table("made-" + histories),
                "--histories 3 --queries 2 --history-tokens fixed:3",
                SHAPE,
                more));
        for (String name : List.of(rows, histories)) {
            JobRun.table(table("made-" + name))
                    .withColumnRenamed("history", key)
                    .write()
                    .parquet(table(name).toString());
        }
    }

    private static void texts(String name, String... columns) {
        StructType schema = new StructType().add("id", "long");
        for (String column : columns) {
            schema = schema.add(column, "string");
        }
        List<Row> rows = new ArrayList<>();
        for (long i = 0; i < 6; i++) {
            Object[] values = new Object[columns.length + 1];
            values[0] = i;
            for (int c = 0; c < columns.length; c++) {
                values[c + 1] = columns[c] + " of dog number " + i;
            }
            rows.add(RowFactory.create(values));
        }
        JobRun.spark().createDataFrame(rows, schema).write().parquet(table(name).toString());
    }
}
