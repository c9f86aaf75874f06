package org.pagedattention.jobs;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.jobs.table.OutputFolder;

/** Generate, score and verify, through the command line. */
class ScoreAndVerifyTest extends TableJobs {
    @BeforeAll
    static void scoreOnce() throws IOException {
        String weights = String.join(",", Collections.nCopies(64, "0.25"));
        Files.writeString(
                shared.resolve("head.json"),
                "{\"weights\": [" + weights + "], \"bias\": -0.5, \"activation\": \"sigmoid\"}");
        assertDone(score(shared.resolve("in"), shared.resolve("out"), "--emit o,lse,pooled,score", head()));
    }

    private static String head() {
        return "--pool mean --head " + shared.resolve("head.json");
    }

    private static Dataset<Row> scored() {
        return JobRun.table(shared.resolve("out"));
    }

    @Test
    void everyEmittedColumnIsVerified() {
        JobRun run = verify(shared.resolve("in"), shared.resolve("out"), head());
        assertDone(run);
        assertThat(run.lastLine()).matches("verified 40 of 40 sequences, max abs error \\S+");
        assertThat(run.out()).contains("o  ", "lse  ", "pooled  ", "score  ");
        assertThat(scored().columns()).containsExactly("id", "name", "o", "lse", "pooled", "score");
    }

    @Test
    void optionsOfColumnsThatAreNotThereAreRefused() {
        Path out = written("o", scored().select("id", "name", "o"));
        JobRun run = verify(shared.resolve("in"), out, "--head " + shared.resolve("head.json"));
        assertThat(run.err()).contains("--head changes nothing in the result columns o");
        assertThat(run.status()).isEqualTo(2);
        assertThat(verify(shared.resolve("in"), out, "--pool mean").err()).contains("--pool changes nothing");
        assertDone(verify(shared.resolve("in"), out));
    }

    @Test
    void whatIsWrongWithAHeadIsSaidOfItsFile() throws IOException {
        Path head = own.resolve("head.json");
        for (String[] wrong : new String[][] {
            {"{", "the head is not valid JSON"}, {"{\"weights\": [1, 2]}", "the head has 2 weights, but pooled"}
        }) {
            Files.writeString(head, wrong[0]);
            JobRun score = score(shared.resolve("in"), own.resolve("out"), "--emit score --head " + head);
            JobRun verify = verify(shared.resolve("in"), shared.resolve("out"), "--head " + head);
            for (JobRun run : List.of(score, verify)) {
                assertThat(run.err()).contains("--head " + head + ": " + wrong[1]);
                assertThat(run.status()).isEqualTo(2);
            }
        }
    }

    @Test
    void saysWhatItWouldDoAndDoesNothing() {
        JobRun run = score(shared.resolve("in"), own.resolve("out"), "--explain");
        assertDone(run);
        assertThat(run.out().replaceAll("\\s+", " "))
                .contains(
                        "backend cpu",
                        "of the rows that were computed: mean ",
                        "sequences/s: ",
                        "expected time about ");
        assertThat(own.resolve("out")).doesNotExist();
    }

    @Test
    void summarySaysWhatWasDone() {
        JobRun run = score(shared.resolve("in"), own.resolve("out"), "--backend cpu --page-size 16 --layout padded");
        assertDone(run);
        assertThat(run.out()).contains("sequences", "40", "batches", "unused page slots", "backend: cpu (asked for)");
    }

    @Test
    void sampleVerifiesThatManyRows() {
        JobRun run = verify(shared.resolve("in"), shared.resolve("out"), "--sample 7", head());
        assertDone(run);
        assertThat(run.lastLine()).startsWith("verified 7 of 7 sequences");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--query-heads 4 --kv-heads 1 --head-dim 8 --value-dim 12 --dtype bf16",
                "--query-heads 2 --kv-heads 2 --head-dim 8 --dtype fp32",
                "--query-heads 2 --kv-heads 2 --head-dim 8 --dtype fp32 --encoding array",
                "--query-heads 2 --kv-heads 2 --head-dim 8 --dtype fp16 --encoding array",
            })
    void everyEncodingIsScoredAndVerified(String options) {
        String shape = options.replaceAll(" --encoding \\w+", "");
        assertDone(JobRun.of("generate --sequences 9 --lengths uniform:0:30 --output " + own.resolve("in"), options));
        assertDone(score(own.resolve("in"), own.resolve("out"), shape + " --emit o,lse,pooled --backend cpu"));
        JobRun run = verify(own.resolve("in"), own.resolve("out"), shape);
        assertDone(run);
        assertThat(run.lastLine()).startsWith("verified 9 of 9 sequences");
    }

    @Test
    void oneWrongElementIsFoundAndItsRowNamed() {
        Path wrong = written(
                "wrong",
                scored().withColumn(
                                "lse",
                                when(col("id").equalTo(17), lastShifted()).otherwise(col("lse"))));
        JobRun run = verify(shared.resolve("in"), wrong, head());
        assertFailed(run, "lse of row {id=17");
        assertThat(run.lastLine()).startsWith("verified 39 of 40 sequences");
    }

    private static Column lastShifted() {
        return expr("transform(lse, (x, i) -> CAST(IF(i = size(lse) - 1, x + 0.01, x) AS FLOAT))");
    }

    @Test
    void theDirectPathNeverFallsBack() {
        JobRun run = score(shared.resolve("in"), own.resolve("out"), "--backend cpu --io direct");
        assertThat(run.err())
                .contains("--io direct cannot work here: it needs a GPU, and the backend is cpu (asked for)");
        assertThat(run.status()).isEqualTo(2);
        assertThat(own.resolve("out")).doesNotExist();
    }

    @Test
    void swappedResultsAreFound() {
        Column other =
                when(col("id").equalTo(3), 4).when(col("id").equalTo(4), 3).otherwise(col("id"));
        Dataset<Row> results = scored().select(other.cast("long").as("id"), col("o"));
        JobRun run = verify(shared.resolve("in"), written("swapped", results), "--key id");
        assertFailed(run, "o of row {id=3}");
    }

    @ParameterizedTest
    @CsvSource({"csv, ''", "csv, --resume", "json, ''"})
    void rowsOfSeveralLinesAreCounted(String format, String options) {
        Path in = written("in", input().withColumn("name", lit("two\nlines\r\n\\, \"quoted\"\\\n")));
        JobRun run = score(in, own.resolve("out"), "--emit score --output-format " + format, head(), options);
        assertDone(run);
        assertThat(run.out()).containsPattern("rows written +40\\b");
        assertThat(own.resolve("out/_SUCCESS")).exists();
    }

    @Test
    void rowsOfSeveralLinesWithTooFewLinesAreLost() {
        JobRun.spark().range(3).write().csv(own.resolve("out").toString());
        OutputFolder folder = new OutputFolder(
                JobRun.spark(), new org.apache.hadoop.fs.Path(own.resolve("out").toString()), "csv");
        assertThat(folder.rows(null, 4)).isEqualTo(3);
        assertThat(folder.rows(null, 2)).isEqualTo(2);
    }

    @Test
    void aKeyMayHaveACommaInItsName() {
        Path in = written("in", input().withColumnRenamed("id", "shop, till"));
        assertDone(score(in, own.resolve("out"), ""));
        String[] words = ("verify --mask causal --input " + in + " --scored " + own.resolve("out") + " " + JobRun.SHAPE
                        + " --key KEY")
                .split(" ");
        words[words.length - 1] = "`shop, till`";
        JobRun run = JobRun.ofWords(words);
        assertDone(run);
        assertThat(run.out()).contains("{shop, till=");
    }

    @Test
    void missingRowsFail() {
        Path fewer = written("fewer", scored().filter("id <> 5"));
        assertFailed(verify(shared.resolve("in"), fewer), "the input has 40 rows, the scored table has 39");
        Path renamed = written(
                "renamed",
                scored().withColumn("name", when(col("id").equalTo(5), lit("x")).otherwise(col("name"))));
        assertFailed(
                verify(shared.resolve("in"), renamed, head()),
                "{id=5, name=sequence-000005} is not in the scored table");
    }

    @Test
    void keysThatDoNotTellRowsApartAreRefused() {
        Path in = written("in", input().withColumn("id", lit(1)));
        Path out = written("out", scored().withColumn("id", lit(1)));
        assertFailed(verify(in, out, "--key id"), "do not tell the rows of the input apart", "--key");
        assertDone(verify(in, out, head()));
    }

    @Test
    void failedRowsOfFp32BringTheHintAtWhatAGpuComputesIn() {
        String shape = "--query-heads 2 --kv-heads 2 --head-dim 8 --dtype fp32";
        assertDone(JobRun.of("generate --sequences 9 --lengths fixed:20 --output " + own.resolve("in"), shape));
        assertDone(score(own.resolve("in"), own.resolve("out"), shape + " --compute-dtype bf16 --backend cpu"));
        JobRun failed = verify(own.resolve("in"), own.resolve("out"), shape);
        assertFailed(failed, "o of row", "give --compute-dtype bf16");
        assertThat(failed.lastLine()).startsWith("verified 0 of 9 sequences");
        assertThat(failed.err().lines().filter(line -> line.startsWith("hint"))).hasSize(1);
        JobRun run = verify(own.resolve("in"), own.resolve("out"), shape + " --compute-dtype bf16");
        assertDone(run);
        assertThat(run.err()).doesNotContain("hint");
    }

    @ParameterizedTest
    @ValueSource(strings = {"row", "auto"})
    void theInputIsOpenedOnce(String io) throws Exception {
        ConcurrentLinkedQueue<String> stages = new ConcurrentLinkedQueue<>();
        SparkListener listener = new SparkListener() {
            @Override
            public void onStageSubmitted(SparkListenerStageSubmitted event) {
                stages.add(event.stageInfo().name());
            }
        };
        SparkContext context = JobRun.spark().sparkContext();
        context.addSparkListener(listener);
        try {
            assertDone(score(shared.resolve("in"), own.resolve("out"), "--backend cpu --io " + io));
            context.listenerBus().waitUntilEmpty();
        } finally {
            context.removeSparkListener(listener);
        }
        assertThat(stages).filteredOn(name -> name.startsWith("load at Tables")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"error", "Error"})
    void aColumnOfTheInputCalledErrorIsCarriedLikeAnyOther(String name) {
        Path in = written("in", input().withColumn(name, lit("of another job")));
        assertDone(score(in, own.resolve("out"), ""));
        JobRun run = verify(in, own.resolve("out"), "--key id");
        assertDone(run);
        assertThat(run.lastLine()).startsWith("verified 40 of 40 sequences");
    }

    @Test
    void mapsAreCarriedAndNotCompared() {
        Dataset<Row> maps = input().selectExpr("*", "map('a', id) AS m", "struct(map('b', id)) AS deep");
        Path in = written("in", maps);
        assertDone(score(in, own.resolve("out"), ""));
        assertDone(verify(in, own.resolve("out")));
        assertDone(verify(in, own.resolve("out"), "--key id"));
        JobRun keyed = verify(in, own.resolve("out"), "--key deep");
        assertThat(keyed.err())
                .contains("key column 'deep' of the table of --input is struct<", "other columns with --key");
        assertThat(keyed.status()).isEqualTo(2);
        Path alone = written("alone", maps.drop("id", "name"));
        assertDone(score(alone, own.resolve("more"), ""));
        assertThat(verify(alone, own.resolve("more")).err())
                .contains("no column besides those that the job uses up that can be compared");
    }

    @Test
    void jsonHoldsWhatVerifyReads() {
        assertDone(score(shared.resolve("in"), own.resolve("out"), "--output-format json --emit o,lse,pooled"));
        JobRun run = verify(shared.resolve("in"), own.resolve("out"), "--scored-format json");
        assertDone(run);
        assertThat(run.out()).contains("o  ", "lse  ", "pooled  ");
        assertThat(run.lastLine()).startsWith("verified 40 of 40 sequences");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--resume"})
    void csvTakesNoTensors(String options) {
        JobRun run = score(shared.resolve("in"), own.resolve("out"), "--output-format csv " + options);
        assertThat(run.err()).contains("csv has no BINARY, and column o is: set --output-format");
        assertThat(run.status()).isEqualTo(2);
        assertThat(own.resolve("out")).doesNotExist();
        assertDone(score(
                shared.resolve("in"), own.resolve("out"), "--output-format csv --emit score", head() + " " + options));
        JobRun verify = verify(shared.resolve("in"), own.resolve("out"), "--scored-format csv", head());
        assertThat(verify.err()).contains("--scored-format csv", "score into parquet, orc or json to verify");
        assertThat(verify.status()).isEqualTo(2);
    }

    @Test
    void aQuarantineOfAnotherRunIsRefused() {
        Path other =
                written("other", input().limit(2).withColumn("id", col("id").plus(ROWS)));
        assertFailed(
                verify(shared.resolve("in"), shared.resolve("out"), "--quarantine " + other),
                "the quarantine has 2 rows, of which 0 are in the input");
    }

    @Test
    void pathsMayHoldCharactersOfPatterns() {
        Path in = written("in {a,b}[1]?", input());
        for (String options : new String[] {"", "--resume"}) {
            Path out = own.resolve("out*{" + options + "}");
            List<String> words = new ArrayList<>(List.of("score", "--mask", "causal", "--input", in.toString()));
            words.addAll(List.of("--output", out.toString()));
            words.addAll(List.of((JobRun.SHAPE + " " + options).strip().split(" ")));
            assertDone(JobRun.ofWords(words.toArray(String[]::new)));
            words.set(0, "verify");
            words.set(5, "--scored");
            words.remove("--resume");
            assertDone(JobRun.ofWords(words.toArray(String[]::new)));
        }
    }

    @Test
    void columnsMayHaveOtherNamesAndFormats() {
        Dataset<Row> plain = input().withColumnRenamed("q", "query").withColumnRenamed("k", "a.key");
        plain.write().orc(own.resolve("orc").toString());
        String options = "--input-format orc --q query --k a.key";
        assertDone(score(own.resolve("orc"), own.resolve("out"), options + " --output-format orc"));
        assertDone(verify(own.resolve("orc"), own.resolve("out"), options + " --scored-format orc"));
    }
}
