package org.pagedattention.jobs;

import static org.pagedattention.jobs.ErrorTables.MODELS;
import static org.pagedattention.jobs.ErrorTables.error;
import static org.pagedattention.jobs.ErrorTables.file;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.pagedattention.cudnn.library.LibraryErrors;
import org.pagedattention.jobs.cli.Failures;
import org.pagedattention.jobs.table.RowAccount;
import org.pagedattention.ml.EmbeddingTransformer;
import org.pagedattention.plugin.PluginErrors;

/** What provokes each error of docs/errors.md, by the entry's heading; where a GPU or a cluster would say it, what they call. */
final class ErrorProvocations {
    private static final Path EMBEDDER = MODELS.resolve("sentence-bert");
    private static final Path LANGUAGE = MODELS.resolve("llama-text");

    private final ErrorTables here;
    private final Map<String, Callable<String>> all = new LinkedHashMap<>();

    private ErrorProvocations(ErrorTables here) {
        this.here = here;
    }

    static Map<String, Callable<String>> over(ErrorTables tables) {
        ErrorProvocations provocations = new ErrorProvocations(tables);
        provocations.options();
        provocations.tables();
        provocations.files();
        provocations.models();
        provocations.rows();
        provocations.outputs();
        provocations.resume();
        provocations.gpus();
        provocations.queries();
        return provocations.all;
    }

    private void options() {
        all.put("unknown-option", () -> here.score(here.sequences(), "--query-head 4"));
        all.put("unknown-job", () -> error("scor"));
        all.put("missing-options", () -> error("score --input x --output y --query-heads 4"));
        all.put("argument-without-an-option", () -> here.score(here.sequences(), "more.parquet"));
        all.put("not-a-number", () -> error("generate --output x --sequences 5k", JobRun.SHAPE));
        all.put(
                "heads-that-do-not-divide",
                () -> error("score --input x --output y --query-heads 6 --kv-heads 4 --head-dim 8 --dtype fp16"));
        all.put("score-without-a-head", () -> here.score(here.sequences(), "--emit score"));
        all.put("misspelt-setting", () -> {
            System.setProperty("spark.pagedAttention.pagesize", "32");
            try {
                return here.score(here.sequences());
            } finally {
                System.clearProperty("spark.pagedAttention.pagesize");
            }
        });
        all.put("unknown-backend", () -> here.score(here.sequences(), "--backend gpu"));
        all.put("text-and-tokens", () -> here.embed(EMBEDDER, "--text text --tokens id"));
    }

    private void tables() {
        all.put("missing-column", () -> here.score(here.sequences(), "--q query"));
        all.put("column-of-another-type", () -> here.score(here.sequences(), "--q name"));
        all.put("array-of-doubles", () -> here.score(here.sequencesWith("k", "array(1.5d)")));
        all.put("column-that-is-no-text", () -> here.embed(EMBEDDER, "--text id"));
        all.put("result-column-that-is-there", () -> here.score(here.sequencesWith("o", "1")));
        all.put("column-error-that-is-there", () -> here.score(here.sequencesWith("error", "1"), "--on-bad-row null"));
        all.put("unknown-format", () -> here.score(here.sequences(), "--input-format parkett"));
        all.put(
                "csv-holds-no-tensors",
                () -> error("generate --sequences 1 --output-format csv --output " + here.place(), JobRun.SHAPE));
    }

    private void files() {
        all.put("input-that-is-not-there", () -> here.score(here.place()));
        all.put("files-that-would-be-left-out", () -> {
            Path input = here.copyOf(here.sequences());
            Files.createFile(input.resolve("b.parquet"));
            return here.score(input);
        });
        all.put("files-of-a-table-format", () -> {
            Path input = here.copyOf(here.sequences());
            Files.createDirectories(input.resolve("_delta_log"));
            Files.writeString(input.resolve("_delta_log/00000000000000000000.json"), "{}");
            return here.score(input);
        });
        all.put("file-that-is-not-parquet", () -> {
            Path input = here.copyOf(here.sequences());
            Path part = file(input, ".parquet");
            Files.write(part, Arrays.copyOf(Files.readAllBytes(part), 100));
            Files.deleteIfExists(input.resolve("." + part.getFileName() + ".crc"));
            return here.score(input);
        });
        all.put("broken-files-that-would-be-skipped", () -> withSetting("spark.sql.files.ignoreCorruptFiles"));
        all.put("vectored-io", () -> withHadoop("parquet.hadoop.vectored.io.enabled"));
        all.put(
                "host-that-nobody-knows",
                () -> error("score --input hdfs://nohost.invalid:1/in --output x", JobRun.SHAPE));
        all.put(
                "s3-without-s3a",
                () -> Failures.message(new IOException("Class org.apache.hadoop.fs.s3a.S3AFileSystem not found")));
        all.put("no-space", () -> Failures.message(new IOException("No space left on device")));
        all.put("not-permitted", () -> Failures.message(new IOException("/data/part-0.parquet (Permission denied)")));
        all.put("heap-too-small", () -> Failures.message(new OutOfMemoryError("Java heap space")));
        all.put(
                "driver-heap-too-small",
                () -> Failures.message(new IllegalArgumentException(
                        "[INVALID_DRIVER_MEMORY] System memory 93323264 must be at least 471859200.")));
        all.put(
                "spark-was-stopped",
                () -> Failures.message(new IllegalStateException("SparkContext has been shutdown")));
    }

    private String withSetting(String key) {
        JobRun.spark().conf().set(key, "true");
        try {
            return here.score(here.sequences());
        } finally {
            JobRun.spark().conf().unset(key);
        }
    }

    private String withHadoop(String key) {
        JobRun.spark().sparkContext().hadoopConfiguration().set(key, "true");
        try {
            return here.score(here.sequences());
        } finally {
            JobRun.spark().sparkContext().hadoopConfiguration().unset(key);
        }
    }

    private void models() {
        all.put("no-such-model", () -> here.embed(here.place()));
        all.put("folder-without-config", () -> here.embed(modelWithout("config.json")));
        all.put("folder-without-tokenizer", () -> here.embed(modelWithout("tokenizer.json")));
        all.put("weights-in-another-form", () -> {
            Path model = modelWithout("model.safetensors");
            Files.writeString(model.resolve("pytorch_model.bin"), "");
            return here.embed(model);
        });
        all.put("weights-that-were-not-fetched", () -> {
            Path model = modelWithout("model.safetensors");
            Files.writeString(
                    model.resolve("model.safetensors"),
                    "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 90272656\n");
            return here.embed(model);
        });
        all.put("unknown-family", () -> here.embed(modelSaying("model_type", "nomic_bert")));
        all.put("unknown-entry", () -> here.embed(modelSaying("hidden_act", "mish")));
        all.put("tensor-of-another-shape", () -> here.embed(modelSaying("hidden_size", 16)));
        all.put("unknown-prompt", () -> here.embed(EMBEDDER, "--prompt question"));
        all.put("pooling-said-twice", () -> here.embed(EMBEDDER, "--pool mean"));
        all.put("pooling-not-said", () -> here.embed(MODELS.resolve("bert-classifier")));
        all.put("more-tokens-than-the-model-takes", () -> here.embed(EMBEDDER, "--max-tokens 4096"));
        all.put(
                "no-language-model",
                () -> error("loglikelihood --model " + EMBEDDER + " --input " + here.texts() + " --output "
                        + here.place()));
        all.put(
                "no-labels",
                () -> error("classify --model " + EMBEDDER + " --input " + here.texts() + " --output " + here.place()));
    }

    private Path modelWithout(String name) throws IOException {
        Path model = here.copyOf(EMBEDDER);
        Files.delete(model.resolve(name));
        return model;
    }

    private Path modelSaying(String entry, Object value) throws IOException {
        Path model = here.copyOf(EMBEDDER);
        Path config = model.resolve("config.json");
        ObjectNode content = (ObjectNode) new ObjectMapper().readTree(config.toFile());
        content.putPOJO(entry, value);
        Files.writeString(config, content.toString());
        return model;
    }

    private void rows() {
        all.put("null-text", () -> here.embed(EMBEDDER));
        all.put(
                "row-with-too-many-tokens",
                () -> error(
                        "embed --on-long fail --model " + EMBEDDER,
                        "--input " + longTexts() + " --output " + here.place()));
        all.put(
                "continuation-without-tokens",
                () -> error("loglikelihood --context text --continuation empty --model " + LANGUAGE + " --input "
                        + texts("'a dog' as text, '' as empty") + " --output " + here.place()));
        all.put("null-tensor", () -> here.score(here.sequencesWith("k", "cast(null as binary)")));
        all.put("length-that-does-not-divide", () -> here.score(here.sequencesWith("k", "substring(k, 1, 62)")));
        all.put("k-and-v-of-different-length", () -> here.score(here.sequencesWith("v", "substring(v, 1, 64)")));
        all.put(
                "value-that-is-not-finite",
                () -> here.score(here.sequencesWith("k", "concat(X'007C', substring(k, 3, 126))")));
        all.put("result-that-has-no-place", () -> here.score(here.sequences(), "--emit lse --scale 8e37"));
    }

    private Path longTexts() {
        return texts("repeat('runs ', 200) as text");
    }

    private Path texts(String expressions) {
        Path place = here.place();
        JobRun.spark().sql("select 1L as id, " + expressions).write().parquet(place.toString());
        return place;
    }

    private void outputs() {
        all.put(
                "output-exists",
                () -> error("score --input " + here.sequences(), JobRun.SHAPE, "--output " + here.texts()));
        all.put("output-that-is-no-table", () -> {
            Path output = Files.createDirectories(here.place());
            Files.writeString(output.resolve("notes.txt"), "mine");
            return error("score --mode overwrite --input " + here.sequences(), JobRun.SHAPE, "--output " + output);
        });
        all.put("output-that-is-a-file", () -> {
            Path output = Files.writeString(here.place(), "mine");
            return error("score --mode overwrite --input " + here.sequences(), JobRun.SHAPE, "--output " + output);
        });
        all.put(
                "output-in-the-input",
                () -> error(
                        "score --mode overwrite --input " + here.sequences(),
                        JobRun.SHAPE,
                        "--output " + here.sequences()));
        all.put("rows-do-not-add-up", () -> said(() -> new RowAccount(40, 38, 1).checked("/data/scored")));
        all.put("scored-differs", () -> {
            Path output = here.place();
            JobRun.of("score --input " + here.sequences() + " --output " + output, JobRun.SHAPE);
            return error("verify --mask causal --input " + here.sequences() + " --scored " + output, JobRun.SHAPE);
        });
        all.put("rows-that-nothing-tells-apart", () -> {
            Path twice = here.sequencesWith("id", "1L");
            Path input = here.place();
            JobRun.table(twice)
                    .withColumn("name", org.apache.spark.sql.functions.lit("x"))
                    .write()
                    .parquet(input.toString());
            Path output = here.place();
            JobRun.of("score --input " + input + " --output " + output, JobRun.SHAPE);
            return error("verify --input " + input + " --scored " + output, JobRun.SHAPE);
        });
    }

    private void resume() {
        all.put("begun-without-resume", () -> {
            Path output = scored("");
            Files.delete(output.resolve("_SUCCESS"));
            return error("score --resume --input " + here.sequences() + " --output " + output, JobRun.SHAPE);
        });
        all.put(
                "resumed-with-other-options",
                () -> error(
                        "score --resume --mask causal --input " + here.sequences() + " --output " + scored("--resume"),
                        JobRun.SHAPE));
        all.put("resumed-with-other-input", () -> {
            Path input = here.copyOf(here.sequences());
            Path output = here.place();
            String command = "score --resume --input " + input + " --output " + output;
            JobRun.of(command, JobRun.SHAPE);
            Files.copy(file(input, ".parquet"), input.resolve("part-more.parquet"));
            return error(command, JobRun.SHAPE);
        });
        all.put("resumed-table-lost-a-file", () -> {
            Path output = scored("--resume");
            Files.delete(file(output, ".parquet"));
            return error("score --resume --input " + here.sequences() + " --output " + output, JobRun.SHAPE);
        });
        all.put("resume-of-a-pattern", () -> here.score(here.sequences().resolve("*"), "--resume"));
        all.put("resume-and-overwrite", () -> here.score(here.sequences(), "--resume --mode overwrite"));
    }

    private Path scored(String options) {
        Path output = here.place();
        JobRun.of("score --input " + here.sequences() + " --output " + output, JobRun.SHAPE, options);
        return output;
    }

    private void gpus() {
        all.put("backend-cannot-work", () -> here.score(here.sequences(), "--backend cudnn"));
        all.put("old-driver", LibraryErrors::oldDriver);
        all.put("no-gpu", LibraryErrors::noGpu);
        all.put("no-cudnn", LibraryErrors::noCudnn);
        all.put("cudnn-for-a-newer-cuda", LibraryErrors::cudnnForNewerCuda);
        all.put("wrong-cudnn", LibraryErrors::wrongCudnn);
        all.put("local-mode-with-gpu-amounts", () -> said(PluginErrors::localWithGpus));
        all.put("task-gpus-without-executor-gpus", () -> said(PluginErrors::tasksWithoutExecutorGpu));
        all.put("two-gpus-for-an-executor", () -> said(PluginErrors::twoGpus));
        all.put("executors-get-no-gpu", () -> said(PluginErrors::cudnnWithoutGpu));
        all.put("empty-gpu-address", () -> said(PluginErrors::emptyAddress));
        all.put("gpu-that-is-not-seen", () -> said(PluginErrors::unseenIndex));
        all.put("gpu-in-use", PluginErrors::takenGpu);
        all.put("gpu-lost", PluginErrors::lostGpu);
        all.put("no-executor-has-started", PluginErrors::starving);
        all.put("executor-did-not-start", PluginErrors::failedStart);
        all.put("direct-path-cannot-work", () -> here.score(here.sequences(), "--io direct"));
    }

    private void queries() {
        String embed = "select embed('a dog', map('model', '" + EMBEDDER + "'";
        all.put("query-with-a-wrong-option", () -> said(() -> answer(embed + ", 'normalize', 'yes'))")));
        all.put(
                "query-that-takes-no-constant",
                () -> said(() -> answer("select embed(x, map('model', x)) from values ('a') t(x)")));
        all.put("query-with-quarantine", () -> {
            SparkSession session = DocsFragmentsTest.sessionWithFunctions();
            session.conf().set("spark.pagedAttention.onBadRow", "quarantine");
            return said(() -> session.sql(embed + "))").collectAsList());
        });
        all.put(
                "stage-with-a-wrong-param",
                () -> said(() -> new EmbeddingTransformer()
                        .setHandleInvalid("drop")
                        .setModel(EMBEDDER.toString())
                        .setInputCol("text")
                        .transform(JobRun.table(here.texts()))));
        all.put(
                "stage-with-a-column-of-another-type",
                () -> said(() -> new EmbeddingTransformer()
                        .setModel(EMBEDDER.toString())
                        .setInputCol("id")
                        .transform(JobRun.table(here.texts()))));
    }

    private static void answer(String query) {
        DocsFragmentsTest.sessionWithFunctions().sql(query).collectAsList();
    }

    private static String said(Runnable provocation) {
        try {
            provocation.run();
        } catch (RuntimeException e) {
            return Failures.message(e);
        }
        throw new AssertionError("nothing was said");
    }
}
