package org.pagedattention.jobs;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The jobs embed and classify, as the command line runs them. */
class TextJobsTest extends TextJobsFixture {

    @Test
    void embedsATableAndAccountsForIt() {
        JobRun run = embed("--on-bad-row null");
        assertDone(run);
        assertThat(run.out())
                .contains("model: BERT of ", "length 1")
                .containsPattern("rows read +30\n")
                .containsPattern("rows written +30\n")
                .containsPattern("bad rows +1\n")
                .containsPattern("texts +29\n")
                .containsPattern("tokens/s +[1-9]")
                .containsPattern("backend: cpu.*, in fp32\n")
                .endsWith("written: " + own.resolve("out") + "\n");
        List<Row> rows = written().collectAsList();
        assertThat(written().columns())
                .containsExactly("id", "text", "other", "embedding", "tokens", "truncated", "error");
        assertThat(rows).hasSize(ROWS);
        assertThat(rows.get(7).isNullAt(3)).isTrue();
        assertThat(rows.get(7).getString(6)).startsWith("column text is null");
        assertThat(rows.get(0).getList(3)).hasSize(24);
        assertThat(rows.get(29).getBoolean(5)).isTrue();
    }

    @Test
    void computesInWhatIsAskedForOrNotAtAll() {
        assertDone(embed("--on-bad-row null --compute-dtype fp32 --resume"));
        assertFailed(embed("--on-bad-row null --resume"), "--compute-dtype was fp32 and is not given");
        assertFailed(
                embed("--backend cpu --mode overwrite --compute-dtype bf16"),
                "it computes models in fp32, and spark.pagedAttention.model.dtype (--compute-dtype) is bf16: set it to fp32 or auto");
        assertFailed(
                embed("--mode overwrite --compute-dtype half"),
                "spark.pagedAttention.model.dtype (--compute-dtype) is 'half'");
    }

    @Test
    void goesOnWhereAnotherRunStopped() throws IOException {
        String[] options = {"--resume --unit-bytes 1", "--on-bad-row quarantine=" + own.resolve("bad")};
        assertDone(embed(options));
        assertThat(written().count()).isEqualTo(ROWS - 1);
        assertThat(JobRun.table(own.resolve("bad")).count()).isEqualTo(1);
        assertThat(embed(options).out()).contains("nothing to do");
        assertFailed(embed("--resume --unit-bytes 1 --normalize false"), "--normalize");
    }

    @Test
    void stopsAtABadRowUnlessToldOtherwise() {
        assertFailed(embed(), "bad row {id=7", "column text is null; expected a text, which may be empty");
        assertThat(own.resolve("out/_SUCCESS")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--prompt question|prompt 'question' is not known: the model has [document, passage, query]",
                "--prompt query --prompt-text x|give one",
                "--pool mean|has a modules.json that says how to pool",
                "--pool sum|pooling 'sum' is not known: use one of cls, lasttoken",
                "--max-tokens 25|at most 25 tokens a row were asked for",
                "--max-tokens 0|--max-tokens 0 leaves no token",
                "--text nothing|column 'nothing' is not in the input, which has id, text, other",
                "--text id|column id is bigint: texts are STRING",
                "--text text --tokens id|name one of the two",
                "--page-size 16|unknown option '--page-size'",
                "--output-format csv|CSV",
                "--backend cudnn|backend 'cudnn' cannot work here"
            })
    void refusesWhatCannotBe(String option, String message) {
        JobRun run = embed(option);
        assertThat(run.err()).contains(message).doesNotContain("\tat ");
        assertThat(run.status()).isBetween(1, 2);
        assertThat(own.resolve("out")).doesNotExist();
    }

    @Test
    void leavesAModelAlone() throws IOException {
        Path model = copyOf(EMBEDDER);
        JobRun run = JobRun.of(
                "embed --mode overwrite --model " + model + " --input " + shared.resolve("in"),
                "--output " + own.resolve("model/out"));
        assertFailed(run, "lie in each other");
        assertThat(model.resolve("model.safetensors")).exists();
    }

    @Test
    void namesWhatIsWrongWithAFolder() throws IOException {
        Path model = copyOf(EMBEDDER);
        Files.delete(model.resolve("model.safetensors"));
        Files.writeString(model.resolve("model-q4.gguf"), "GGUF");
        JobRun run = JobRun.of(
                "embed --model " + model + " --input " + shared.resolve("in"), "--output " + own.resolve("o"));
        assertFailed(run, "model " + model, "GGUF");
    }

    @Test
    void labelsTextsAndRanksPairs() {
        assertDone(JobRun.of(
                "classify --on-bad-row null --model " + MODELS.resolve("bert-classifier"),
                "--input " + shared.resolve("in"),
                "--output " + own.resolve("out")));
        assertThat(written().columns())
                .containsExactly("id", "text", "other", "logits", "label", "score", "tokens", "truncated", "error");
        assertDone(JobRun.of(
                "classify --on-bad-row null --mode overwrite --pair other --model "
                        + MODELS.resolve("roberta-reranker"),
                "--input " + shared.resolve("in"),
                "--output " + own.resolve("out")));
        Row first = written().first();
        assertThat(first.getList(first.fieldIndex("logits"))).hasSize(1);
        assertThat(first.<Float>getAs("score")).isBetween(0f, 1f);
    }

    @ParameterizedTest
    @CsvSource({
        "embed, sentence-bert, ''",
        "classify, distilbert-classifier, --max-tokens 9",
        "classify, roberta-reranker, --pair other"
    })
    void verifiesWhatModelsMade(String job, String model, String options) {
        String common = "--model " + MODELS.resolve(model) + " --input " + shared.resolve("in") + " " + options;
        assertDone(JobRun.of(job + " --on-bad-row null --output " + own.resolve("out") + " " + common));
        JobRun whole = JobRun.of("verify --key id --scored " + own.resolve("out") + " " + common);
        assertDone(whole);
        assertThat(whole.lastLine()).startsWith("verified 29 of 29 sequences, max abs error ");
        assertThat(JobRun.of("verify --key id --sample 5 --scored " + own.resolve("out") + " " + common)
                        .lastLine())
                .startsWith("verified ");
        Dataset<Row> other = written().withColumn("tokens", col("tokens").plus(1));
        other.write().parquet(own.resolve("other").toString());
        JobRun wrong = JobRun.of("verify --key id --scored " + own.resolve("other") + " " + common);
        assertThat(wrong.status()).isEqualTo(1);
        assertThat(wrong.err()).contains("error: tokens of row {id=");
    }

    @Test
    void comparesWithVectorsMadeElsewhere() {
        assertDone(embed("--on-bad-row null"));
        written()
                .filter("id > 9 and text is not null")
                .selectExpr("text as sentence", "cast(embedding as array<double>) as vector")
                .write()
                .parquet(own.resolve("theirs").toString());
        String command = "verify --scored " + own.resolve("out") + " --reference " + own.resolve("theirs");
        JobRun run = JobRun.of(command + " --reference-text sentence --reference-vector vector");
        assertDone(run);
        assertThat(run.lastLine()).isEqualTo("verified 20 of 20 sequences, max abs error 0.00");
        assertThat(run.out()).contains("10 row(s) have nothing to be compared with");
        assertFailed(JobRun.of(command + " --sample 3"), "--sample changes nothing with --reference");
        assertFailed(JobRun.of(command + " --mask causal"), "--mask changes nothing with --reference");
        assertFailed(
                JobRun.of("verify --tolerance 1 --input x --scored y " + JobRun.SHAPE), "--tolerance changes nothing");
        assertFailed(JobRun.of(command), "column 'text' is not in the table of --reference");
        written()
                .selectExpr("text", "transform(embedding, x -> x + 0.5f) as embedding")
                .write()
                .parquet(own.resolve("off").toString());
        JobRun off = JobRun.of("verify --scored " + own.resolve("out") + " --reference " + own.resolve("off"));
        assertThat(off.lastLine()).startsWith("verified 0 of 29 sequences, max abs error 0.5");
        assertThat(off.status()).isEqualTo(1);
    }

    @Test
    void findsTheNearestRows() {
        assertDone(embed("--on-bad-row null"));
        JobRun run = JobRun.ofWords(
                "nearest",
                "--model",
                EMBEDDER.toString(),
                "--input",
                own.resolve("out").toString(),
                "--top",
                "2",
                "--show",
                "id",
                "the dog number 0 ",
                "a cat");
        assertDone(run);
        List<String> lines = run.out().lines().toList();
        assertThat(lines).hasSize(7);
        assertThat(lines.get(0)).isEqualTo("the dog number 0 ");
        assertThat(lines.get(1)).isEqualTo("  1.000  0");
    }

    private Path copyOf(Path model) throws IOException {
        try (Stream<Path> files = Files.walk(model)) {
            for (Path file : files.toList()) {
                Path copy = own.resolve("model").resolve(model.relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy);
                }
            }
        }
        return own.resolve("model");
    }
}
