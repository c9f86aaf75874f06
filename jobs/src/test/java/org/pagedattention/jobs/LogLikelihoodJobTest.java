package org.pagedattention.jobs;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.not;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The job loglikelihood, as the command line runs it, and what checks and makes tables for it. */
class LogLikelihoodJobTest {
    private static final Path MODEL = Path.of("../spark-plugin/src/test/resources/models/llama-text");
    private static final int ROWS = 30;

    @TempDir
    static Path shared;

    @TempDir
    Path own;

    @BeforeAll
    static void writeTexts() {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            String text = i == 7 ? null : "the dog number " + i + " runs ".repeat(i);
            rows.add(RowFactory.create((long) i, text, "a question of " + i % 3 + " words:", " it is " + i % 4));
        }
        JobRun.spark()
                .createDataFrame(
                        rows,
                        new StructType()
                                .add("id", "long")
                                .add("text", "string")
                                .add("question", "string")
                                .add("answer", "string"))
                .repartition(3)
                .write()
                .parquet(shared.resolve("in").toString());
    }

    private JobRun run(String... options) {
        return JobRun.of(
                "loglikelihood --model " + MODEL + " --input " + shared.resolve("in") + " --output "
                        + own.resolve("out"),
                String.join(" ", options));
    }

    @Test
    void saysWhatItWouldDoAndDoesNothing() {
        JobRun run = run("--explain --aggregate");
        assertDone(run);
        assertThat(run.out().replaceAll("\\s+", " "))
                .contains("backend cpu (auto", "% of the sample's rows; the first one: column text is null")
                .contains("prefixes no two rows of the sample begin with the same 64 tokens")
                .contains("expected time about ", "log_likelihood double")
                .endsWith("written nothing: this only explains ");
        assertThat(own).isEmptyDirectory();
    }

    @Test
    void showsPeopleWhatPrefixesSaved() throws IOException {
        Path page = own.resolve("report.html");
        assertDone(run("--on-bad-row null --report " + page));
        assertThat(Files.readString(page))
                .contains("\"Common prefixes\"", "tokens computed", "probabilities of next tokens");
    }

    private Dataset<Row> written() {
        return JobRun.table(own.resolve("out")).orderBy("id");
    }

    private static void assertDone(JobRun run) {
        assertThat(run.status()).as(run.err() + run.out()).isZero();
    }

    @Test
    void scoresATableAndAccountsForIt() {
        JobRun run = run("--on-bad-row null --aggregate");
        assertDone(run);
        assertThat(run.out())
                .contains("model: Llama of ", "fed up to 64 tokens")
                .containsPattern("rows read +30\n")
                .containsPattern("rows written +30\n")
                .containsPattern("bad rows +1\n")
                .containsPattern("texts +29\n")
                .containsPattern("tokens given +[1-9]")
                .containsPattern("tokens computed, common ones once +[1-9]")
                .containsPattern("saved by common prefixes +\\d+\\.\\d%")
                .containsPattern("tokens/s +[1-9]")
                .containsPattern("rows without log-likelihood +1\n")
                .contains("backend: cpu");
        List<Row> rows = written().collectAsList();
        assertThat(written().columns())
                .containsExactly(
                        "id",
                        "text",
                        "question",
                        "answer",
                        "log_likelihood",
                        "tokens",
                        "is_greedy",
                        "truncated",
                        "bytes",
                        "word_count",
                        "error");
        assertThat(rows.get(7).<String>getAs("error")).startsWith("column text is null");
        assertThat(rows.get(29).<Boolean>getAs("truncated")).isTrue();
        checkCorpus(run.out(), rows);
    }

    /** The corpus' figures from the rows that are there, those that were cut not among words and bytes. */
    private static void checkCorpus(String out, List<Row> rows) {
        double all = 0;
        double whole = 0;
        double tokens = 0;
        double words = 0;
        double bytes = 0;
        long cut = 0;
        for (Row row : rows) {
            if (row.isNullAt(row.fieldIndex("log_likelihood"))) {
                continue;
            }
            double sum = row.<Double>getAs("log_likelihood");
            all += sum;
            tokens += row.<Integer>getAs("tokens");
            if (row.<Boolean>getAs("truncated")) {
                cut++;
                continue;
            }
            whole += sum;
            words += row.<Integer>getAs("word_count");
            bytes += row.<Integer>getAs("bytes");
        }
        assertThat(number(out, "perplexity")).isCloseTo(Math.exp(-all / tokens), within(1e-4));
        assertThat(number(out, "bits per byte")).isCloseTo(-whole / bytes / Math.log(2), within(1e-4));
        double word = Math.exp(-whole / words);
        assertThat(number(out, "word perplexity")).isCloseTo(word, within(1e-6 * word));
        assertThat(number(out, "tokens scored")).isEqualTo(tokens);
        if (cut > 0) {
            assertThat(number(out, "rows cut, not among words and bytes")).isEqualTo(cut);
        }
    }

    private static double number(String out, String name) {
        Matcher line = Pattern.compile("(?m)^" + name + " +(-?[0-9.,]+)$").matcher(out);
        String found = "";
        while (line.find()) {
            found = line.group(1);
        }
        return Double.parseDouble(found.replace(",", ""));
    }

    @Test
    void goesOnWhereAnotherRunStoppedAndAddsUpAllOfIt() {
        String options = "--resume --unit-bytes 1 --aggregate --rolling --on-bad-row quarantine=" + own.resolve("bad");
        JobRun first = run(options);
        assertDone(first);
        checkCorpus(first.out(), written().collectAsList());
        JobRun second = run(options);
        assertDone(second);
        assertThat(second.out()).contains("nothing to do");
        assertThat(number(second.out(), "bits per byte")).isEqualTo(number(first.out(), "bits per byte"));
        assertThat(written().filter(col("truncated")).count()).isZero();
        assertThat(run("--resume --unit-bytes 1 --on-bad-row quarantine=" + own.resolve("bad"))
                        .err())
                .contains("--rolling");
    }

    @Test
    void givesTheSameWithoutSharingAndInAnyOrder() {
        String pairs = "--context question --continuation answer --mode overwrite --token-log-probs";
        assertDone(run(pairs));
        List<Row> expected = written().collectAsList();
        for (String how : List.of("--share-prefixes false", "--group-by-prefix")) {
            assertDone(run(pairs, how));
            assertThat(written().collectAsList()).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "''",
        "--max-tokens 20",
        "--rolling --max-tokens 9 --special-tokens false",
        "--context question --continuation answer --token-log-probs",
        "--context question --continuation answer --max-tokens 12 --prefix-token 2"
    })
    void verifiesWhatItMade(String options) {
        String made = options.replace(" --token-log-probs", "");
        assertDone(run("--on-bad-row null", options));
        String common = "--key id --model " + MODEL + " --input " + shared.resolve("in") + " " + made;
        JobRun whole = JobRun.of("verify --scored " + own.resolve("out") + " " + common);
        assertDone(whole);
        assertThat(whole.lastLine()).matches("verified (29 of 29|30 of 30) sequences, max abs error .*");
        written()
                .withColumn("log_likelihood", col("log_likelihood").minus(0.01))
                .write()
                .parquet(own.resolve("other").toString());
        JobRun wrong = JobRun.of("verify --scored " + own.resolve("other") + " " + common);
        assertThat(wrong.status()).isEqualTo(1);
        assertThat(wrong.err()).contains("error: log_likelihood of row {id=");
        Dataset<Row> good = written();
        List<String> compared = Stream.of("is_greedy", "tokens", "bytes", "word_count")
                .filter(column -> Arrays.asList(good.columns()).contains(column))
                .toList();
        for (String column : compared) {
            Column changed =
                    column.equals("is_greedy") ? not(col(column)) : col(column).plus(1);
            good.withColumn(column, changed)
                    .write()
                    .mode("overwrite")
                    .parquet(own.resolve("changed").toString());
            JobRun found = JobRun.of("verify --scored " + own.resolve("changed") + " " + common);
            assertThat(found.status()).isEqualTo(1);
            assertThat(found.err()).contains("error: " + column + " of row {id=");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--context question|--context needs --continuation",
                "--continuation answer|--continuation needs --context",
                "--context question --continuation answer --text text|leave --text, --tokens and --context-tokens out",
                "--context question --continuation answer --rolling|--rolling scores whole texts",
                "--context-tokens question|--context-tokens needs --tokens",
                "--text text --tokens id|name one of the two",
                "--group-by-prefix --share-prefixes false|leave one of them out",
                "--max-tokens 65|at most 65 tokens a row were asked for",
                "--max-tokens 0|--max-tokens 0 leaves no token",
                "--prefix-token 290|the prefix token 290 is not from 0 to 289",
                "--text nothing|column 'nothing' is not in the input",
                "--tokens text|column text is string: token ids are ARRAY<INT> or ARRAY<BIGINT>"
            })
    void refusesWhatCannotBe(String option, String message) {
        JobRun run = run(option);
        assertThat(run.err()).contains(message).doesNotContain("\tat ");
        assertThat(run.status()).isBetween(1, 2);
        assertThat(own.resolve("out")).doesNotExist();
    }

    @Test
    void makesTablesOfPromptsThatItTakes() {
        String table = "--prompts 6 --continuations 5 --prompt-tokens uniform:20:40 --continuation-tokens uniform:1:9"
                + " --vocabulary 290 --seed 3 --levels 2 --skew 0.4";
        for (int partitions : new int[] {1, 4}) {
            assertDone(JobRun.of("generate prompts " + table + " --partitions " + partitions + " --output "
                    + own.resolve("prompts" + partitions)));
        }
        List<Row> prompts = JobRun.table(own.resolve("prompts1")).orderBy("id").collectAsList();
        assertThat(JobRun.table(own.resolve("prompts4")).orderBy("id").collectAsList())
                .isEqualTo(prompts);
        assertThat(prompts).hasSize(30);
        assertThat(prompts.stream().map(row -> row.getList(2)).distinct().count())
                .isEqualTo(prompts.stream().map(row -> row.getInt(1)).distinct().count());
        assertThat(prompts.stream().filter(row -> row.getInt(1) == 0).count()).isBetween(8L, 24L);
        JobRun scored = JobRun.of("loglikelihood --model " + MODEL + " --tokens tokens --context-tokens context_tokens"
                + " --input " + own.resolve("prompts1") + " --aggregate --output " + own.resolve("out"));
        assertDone(scored);
        assertThat(scored.out()).doesNotContain("bits per byte").containsPattern("perplexity +[1-9]");
        assertThat(written().columns())
                .containsExactly("id", "prompt", "log_likelihood", "tokens", "is_greedy", "truncated");
        JobRun verified = JobRun.of("verify --key id --model " + MODEL + " --tokens tokens --context-tokens"
                + " context_tokens --input " + own.resolve("prompts1") + " --scored " + own.resolve("out"));
        assertDone(verified);
        assertThat(JobRun.of("generate prompts --vocabulary 5 --output " + own.resolve("none"))
                        .err())
                .contains("--vocabulary 5");
    }

    @Test
    void benchesWhatSharingSaves() {
        JobRun run = JobRun.of("bench prefix --model " + MODEL + " --backend cpu --threads 1 --prompts 3"
                + " --prompt-tokens 60 --continuations 4 --continuation-tokens 3 --runs 1");
        assertDone(run);
        assertThat(run.out()).contains("\"bench\": \"prefix\"", "\"tokens_given\": 744", "as fast with prefixes");
        assertThat(run.out()).contains("\"largest_difference_of_a_log_likelihood\": 0.0000000");
        assertThat(JobRun.of("bench prefix").err()).contains("--model is needed");
        assertThat(JobRun.of("bench prefix --model " + MODEL).err()).contains("are more than the 64");
    }
}
