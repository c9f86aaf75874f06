package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageTest extends RefusalTests {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "generate",
                "score",
                "verify",
                "bench",
                "bench cpu",
                "bench kernel",
                "bench job",
                "bench embed",
                "bench soak",
                "bench start",
                "lengths",
                "doctor"
            })
    void helpNamesEveryOptionWithItsDefault(String job) {
        JobRun run = JobRun.of(job, "--help");
        assertThat(run.status()).isZero();
        assertThat(run.out()).contains("--help", "Usage: submit.sh " + job);
    }

    @Test
    void helpOfTheSoakSaysWhatElseItTakes() {
        assertThat(JobRun.of("bench soak --help").out()).contains("scripts/soak.sh");
    }

    @Test
    void noJobIsWrongUsage() {
        JobRun run = JobRun.of();
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains("generate", "score", "verify", "bench", "doctor");
    }

    @Test
    void unknownOptionSuggestsTheNearest() {
        assertWrongUsage(
                JobRun.of(SCORE, "--input x --query-head 4"), "unknown option '--query-head'\n", "--query-heads");
    }

    @Test
    void unknownJobIsNamed() {
        assertWrongUsage(
                JobRun.of("scor"),
                "'scor' is none of embed, classify, loglikelihood, nearest, generate, score",
                "Did you mean: submit.sh score");
        assertWrongUsage(JobRun.of("bench jobs"), "'jobs' is none of cpu, kernel, job", "Did you mean: bench job");
        assertWrongUsage(JobRun.of("bench"), "name one of cpu, kernel, job");
    }

    @Test
    void whatTheShellMadeOfAPatternIsNamed() {
        assertWrongUsage(
                JobRun.of(SCORE, "--input in/part-0 in/part-1"), "'in/part-1' belongs to no option", "takes quotes");
    }

    @ParameterizedTest
    @CsvSource({
        "--sequences 5k, is not a whole number",
        "--partitions 99999999999, 'is not a whole number, or too large'",
        "--seed 1.5, is not a whole number",
    })
    void numbersAreAskedForInWordsAndNotInTypesOfJava(String option, String hint) {
        assertWrongUsage(JobRun.generate(own.resolve("g"), option), hint);
    }

    @ParameterizedTest
    @CsvSource({
        "score, '--input, --output, --query-heads, --kv-heads, --head-dim, --dtype'",
        "score --input x --output y --query-heads 4, '--kv-heads, --head-dim, --dtype'",
        "verify --dtype fp16, '--input, --scored, --query-heads, --kv-heads, --head-dim'",
        "lengths --kv-heads 1, '--input, --query-heads, --head-dim, --dtype'",
        "generate --head-dim 8, '--output, --sequences, --query-heads, --kv-heads, --dtype'",
    })
    void allThatIsMissingIsListedAtOnce(String command, String missing) {
        assertWrongUsage(JobRun.of(command), "missing " + missing + ":");
    }

    @ParameterizedTest
    @ValueSource(strings = {"generate", "score", "verify", "lengths", "bench job"})
    void onlyOptionsThatMayBeLeftOutStandInBrackets(String job) {
        String missing = JobRun.of(job)
                .err()
                .replaceFirst("(?s).*missing (.*?):.*", "$1")
                .strip();
        String help = JobRun.of(job, "--help").out();
        String synopsis = help.replaceFirst("\\R\\S(?s:.*)", "");
        List<String> bare = Pattern.compile("(?<=\\s)--[a-z-]+")
                .matcher(synopsis)
                .results()
                .map(MatchResult::group)
                .toList();
        assertThat(bare).containsExactlyInAnyOrder(missing.split(", "));
    }

    /** Picocli would read further arguments from a file of that name. */
    @Test
    void anArgumentThatBeginsWithAnAtSignIsTakenAsItIs() throws Exception {
        Files.writeString(own.resolve("arguments"), "--help");
        String file = "@" + own.resolve("arguments");
        assertWrongUsage(JobRun.of(SCORE, file), "'" + file + "' belongs to no option");
    }

    @Test
    void queryHeadsMustBeMultipleOfKvHeads() {
        assertWrongUsage(
                JobRun.of("score --input x --output y --query-heads 6 --kv-heads 4 --head-dim 8 --dtype fp16"),
                "query heads 6 is not a multiple of KV heads 4",
                "--kv-heads");
    }

    @ParameterizedTest
    @CsvSource({
        "--page-size 48, 32 or 64",
        "--layout dense, packed or padded",
        "--backend gpu, 'auto, cpu, cudnn'",
        "--batch-tokens 0, batch.maxTokens",
        "--emit o;p, 'o, lse, pooled, score'",
        "--emit score, --head",
        "--pool max, last or mean",
        "--mask band, 'none, causal or causal-bottom-right'",
        "--window -1, --window",
        "--dtype fp8, 'fp16, bf16 or fp32'",
        "--compute-dtype int8, 'fp16, bf16 or fp32'",
        "--scale 1/8, is not a number",
        "--scale x, --scale",
        "--mode append, errorifexists or overwrite",
        "--on-bad-row skip, 'fail, null or quarantine=PATH'",
        "--emit score --head /nowhere.json, /nowhere.json does not exist",
        "--emit o;lse;o, names 'o' twice",
        "--unit-bytes 1g, 'give both, or leave it out'",
        "--head x.json, '--head changes nothing in the result columns o: leave it out, or ask for score too'",
        "--emit lse;pooled --head x.json, '--head changes nothing in the result columns lse, pooled'",
        "--emit o;lse --pool last, 'leave it out, or ask for pooled or score too'",
    })
    void wrongValueSaysWhatIsRight(String option, String hint) {
        String shape = option.startsWith("--dtype") ? JobRun.SHAPE.replace("--dtype fp16", "") : JobRun.SHAPE;
        JobRun run = JobRun.of("score --output /nowhere/out", shape, input(), option.replace(';', ','));
        assertWrongUsage(run, hint);
    }

    @Test
    void missingColumnListsThoseThere() {
        assertWrongUsage(JobRun.of(SCORE, input(), "--q query"), "'query'", "id, name, q, k, v", "--q");
    }

    @Test
    void columnOfWrongTypeIsNamed() {
        assertWrongUsage(JobRun.of(SCORE, input(), "--q name"), "column name is string", "BINARY", "ARRAY<FLOAT>");
    }

    @Test
    void doublesAreToBeCast() {
        JobRun.table(shared.resolve("in"))
                .withColumn("k", functions.array(functions.lit(1.5)))
                .write()
                .parquet(own.resolve("in").toString());
        assertWrongUsage(
                JobRun.of(SCORE, "--input " + own.resolve("in")),
                "column k is array<double>",
                "make it one first, as by cast(k as array<float>)");
    }

    @Test
    void takenResultNameIsRefused() {
        Dataset<Row> renamed = JobRun.table(shared.resolve("in"))
                .withColumnRenamed("name", "o")
                .withColumnRenamed("id", "row");
        renamed.write().parquet(own.resolve("in").toString());
        assertWrongUsage(JobRun.of(SCORE, "--input " + own.resolve("in")), "column 'o'");
    }

    @ParameterizedTest
    @CsvSource({"error, null", "Error, null", "error, quarantine", "ERROR, quarantine", "error, quarantine --resume"})
    void columnErrorOfTheInputIsRefusedWhereBadRowsNeedIt(String name, String policy) {
        JobRun.table(shared.resolve("in"))
                .withColumnRenamed("name", name)
                .write()
                .parquet(own.resolve("in").toString());
        String option = policy.replace("quarantine", "quarantine=" + own.resolve("aside"));
        JobRun run = JobRun.of(
                "score --input " + own.resolve("in") + " --output " + own.resolve("out"),
                JobRun.SHAPE,
                "--on-bad-row " + option);
        assertWrongUsage(run, "column '" + name + "' already", "--on-bad-row", policy.split(" ")[0], "rename it");
        assertThat(own.resolve("out")).doesNotExist();
    }

    @Test
    void aFolderIsNoHead() {
        assertWrongUsage(JobRun.of(SCORE, input(), "--emit score --head " + own), "--head " + own + " is a folder");
    }

    @ParameterizedTest
    @ValueSource(strings = {"generate --sequences 1 --output /nowhere/out", "lengths --input /nowhere/in"})
    void everyJobRefusesAMisspeltSetting(String job) {
        System.setProperty("spark.pagedAttention.pagesize", "32");
        try {
            assertWrongUsage(JobRun.of(job, JobRun.SHAPE), "pagesize: did you mean spark.pagedAttention.page.size");
        } finally {
            System.clearProperty("spark.pagedAttention.pagesize");
        }
    }

    @Test
    void unknownFormatSaysWhatToSet() {
        JobRun avro = JobRun.of(SCORE, input(), "--input-format avro");
        assertWrongUsage(avro, "format 'avro'", "--input-format", "--packages");
        JobRun read = JobRun.of(SCORE, input(), "--input-format parkett");
        assertWrongUsage(read, "format 'parkett'", "--input-format", "--jars");
        JobRun write =
                JobRun.of("score --output " + own.resolve("out"), JobRun.SHAPE, input(), "--output-format parkett");
        assertWrongUsage(write, "format 'parkett'", "--output-format");
        assertThat(own.resolve("out")).doesNotExist();
    }

    @Test
    void csvIsNoPlaceForTensors() {
        JobRun run = JobRun.generate(own.resolve("g"), "--sequences 1 --output-format csv");
        assertWrongUsage(run, "csv has no BINARY, and column q is: set --output-format");
        assertThat(own.resolve("g")).doesNotExist();
    }

    @Test
    void existingOutputNamesPathAndOverwrite() throws Exception {
        Path output = Files.createDirectory(own.resolve("out"));
        Files.writeString(output.resolve("part-0"), "");
        JobRun run = JobRun.of("score --output " + output, JobRun.SHAPE, input());
        assertWrongUsage(run, output.toString(), "exists", "--mode overwrite");
    }

    @Test
    void outputOverInputIsRefusedEvenWithOverwrite() {
        JobRun run = JobRun.of("score --mode overwrite --output " + shared.resolve("in"), JobRun.SHAPE, input());
        assertWrongUsage(run, "--output", "path of its own");
        assertThat(JobRun.table(shared.resolve("in")).count()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"score --mode overwrite", "score", "generate --sequences 1 --mode overwrite"})
    void whatIsNoTableIsNeverReplaced(String job) throws Exception {
        Path file = Files.writeString(own.resolve("table.parquet"), "mine");
        Path home = Files.createDirectory(own.resolve("home"));
        Files.writeString(home.resolve("part-0"), "");
        Path notes = Files.writeString(home.resolve("notes.txt"), "mine");
        String input = job.startsWith("score") ? input() : "";
        assertWrongUsage(
                JobRun.of(job, "--output " + file, JobRun.SHAPE, input),
                "--output " + file + " is a file",
                "give another path");
        assertWrongUsage(
                JobRun.of(job, "--output " + home, JobRun.SHAPE, input),
                "--output " + home + " holds notes.txt, which is no part of a parquet table",
                "give another path, or delete");
        assertThat(file).hasContent("mine");
        assertThat(notes).hasContent("mine");
    }

    @Test
    void aTableOfAnotherProgramIsReplaced() throws Exception {
        Path table = Files.createDirectories(own.resolve("table/d=1")).getParent();
        Files.writeString(table.resolve("x.parquet"), "");
        JobRun run = JobRun.of("score --mode overwrite --output " + table, JobRun.SHAPE, input());
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(JobRun.table(table).count()).isEqualTo(3);
        assertThat(table.resolve("x.parquet")).doesNotExist();
    }

    @Test
    void quarantineInTheOutputIsRefused() {
        for (String path : new String[] {"out", "out/bad"}) {
            JobRun run = JobRun.of(
                    "score --output " + own.resolve("out"),
                    JobRun.SHAPE,
                    input(),
                    "--on-bad-row quarantine=" + own.resolve(path));
            assertWrongUsage(run, "quarantine=", "--output", "path of its own");
        }
    }

    @Test
    void zeroHeadsAreOutOfRangeAndNotMissing() {
        JobRun run = JobRun.of(
                "score --output /nowhere/out", JobRun.SHAPE.replace("--query-heads 4", "--query-heads 0"), input());
        assertWrongUsage(run, "query heads 0 is out of range");
    }

    @Test
    void presetRefusesTables() {
        assertWrongUsage(JobRun.of("verify --preset sample", input()), "--preset", "--input");
        assertWrongUsage(JobRun.of("verify --preset small"), "use sample");
        String ignored =
                "--mask none --window 3 --scale 1 --compute-dtype bf16 --sample 2 --key id --head x --pool mean"
                        + " --dtype fp16 --quarantine x --scored y --q a";
        assertWrongUsage(
                JobRun.of("verify --preset sample --backend cpu --page-size 32 --batch-tokens 99", ignored),
                "leave out " + ignored.replaceAll(" [^-]\\S*", "").replace(" ", ", "));
    }

    @Test
    void generateChecksItsNumbers() {
        for (String options : List.of("--sequences -1", "--sequences 1 --lengths normal:3", "--sequences x")) {
            assertThat(JobRun.generate(own.resolve("g"), options).status())
                    .as(options)
                    .isEqualTo(2);
        }
    }
}
