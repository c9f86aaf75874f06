package org.pagedattention.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.pagedattention.device.FatalDeviceException;
import org.pagedattention.direct.CommittedFiles;
import org.pagedattention.executor.Figure;
import org.pagedattention.inference.EmbedOptions;
import org.pagedattention.model.Oracle;
import org.pagedattention.request.TextRequest;
import org.pagedattention.scoring.SessionSettings;
import org.pagedattention.scoring.models.TextEmbedder;

/**
 * The plugin on a real standalone cluster: master, workers and executors are processes of their own. Ordered, so that
 * tests with the same settings share an application, whose start is most of their time.
 */
@Tag("cluster")
@TestMethodOrder(OrderAnnotation.class)
@Timeout(value = 150, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ClusterTest {
    private static final MapFunction<Row, Row> UNCHANGED = row -> row;

    private static TestCluster cluster;

    @BeforeAll
    static void startCluster() throws Exception {
        cluster = TestCluster.start();
    }

    @AfterAll
    static void stopCluster() throws Exception {
        cluster.close();
    }

    @Test
    @Order(1)
    void everyExecutorHasAGpuOfItsOwnAndItsFiguresReachTheDriver() {
        SparkSession spark = cluster.session(TestCluster.gpus());
        ConstantRows.check(ConstantRows.score(spark, Map.of(), UNCHANGED).collectAsList());
        ClusterSummary summary = ClusterFigures.eventually(now -> now.total(Figure.SEQUENCES) == ConstantRows.ROWS
                && now.executors().size() == 2);
        assertThat(summary.executors()).extracting(ExecutorReport::device).containsExactlyInAnyOrder(0, 1);
        assertThat(summary.executors()).extracting(ExecutorReport::host).containsOnly(ThisHost.name());
        assertThat(summary.executors())
                .extracting(ExecutorReport::pid)
                .doesNotHaveDuplicates()
                .doesNotContain(ProcessHandle.current().pid());
        assertThat(summary.executors()).allSatisfy(report -> {
            assertThat(report.backend()).isEqualTo("cpu");
            assertThat(report.reason()).contains("cudnn");
        });
        assertThat(summary.total(Figure.BATCHES)).isBetween((long) ConstantRows.PARTITIONS, (long) ConstantRows.ROWS);
        assertThat(summary.total(Figure.KV_TOKENS)).isEqualTo(summary.total(Figure.QUERY_TOKENS));
        assertThat(summary.total(Figure.BAD_ROWS)).isZero();
        assertThat(summary.problems()).isEmpty();
    }

    @Test
    @Order(2)
    void scoringAloneCanHaveItsOwnResources() {
        SparkSession spark = cluster.session(TestCluster.gpus());
        Collection<Integer> profiles = new ConcurrentLinkedQueue<>();
        SparkListener listener = new SparkListener() {
            @Override
            public void onStageSubmitted(SparkListenerStageSubmitted event) {
                profiles.add(event.stageInfo().resourceProfileId());
            }
        };
        spark.sparkContext().addSparkListener(listener);
        try {
            Map<String, String> settings = Map.of("spark.pagedAttention.stage.taskGpus", "0.5");
            ConstantRows.check(ConstantRows.score(spark, settings, UNCHANGED).collectAsList());
            int defaultProfile = 0;
            assertThat(profiles).contains(defaultProfile).anyMatch(profile -> profile != defaultProfile);
        } finally {
            spark.sparkContext().removeSparkListener(listener);
        }
    }

    @Test
    @Order(3)
    void aKilledExecutorIsReplacedOnItsGpuAndNoRowIsLostOrDoubled() {
        SparkSession spark = cluster.session(TestCluster.gpus());
        ExecutorReport victim = ClusterFigures.bothExecutors().get(0);
        long before = ClusterFigures.sequencesOf(ClusterFigures.summary(), victim);
        CompletableFuture<List<Row>> scored = CompletableFuture.supplyAsync(
                () -> ConstantRows.score(spark, Map.of(), ClusterTest::slowly).collectAsList());
        ClusterFigures.eventually(now -> ClusterFigures.sequencesOf(now, victim) > before);
        ProcessHandle.of(victim.pid()).orElseThrow().destroyForcibly();
        ConstantRows.check(scored.join());
        ClusterSummary after = ClusterFigures.eventually(
                now -> now.executors().size() == 2 && !now.executors().contains(victim));
        assertThat(after.executors()).extracting(ExecutorReport::device).containsExactlyInAnyOrder(0, 1);
        assertThat(after.problems()).isEmpty();
    }

    @Test
    @Order(4)
    void aLostGpuEndsTheExecutorWhichIsReplacedAndTheDriverKnowsWhy(@TempDir Path folder) {
        SparkSession spark = cluster.session(TestCluster.gpus());
        List<ExecutorReport> before = ClusterFigures.bothExecutors();
        String marker = folder.resolve("failed-once").toString();
        ConstantRows.check(ConstantRows.score(spark, Map.of(), row -> failOnce(row, marker))
                .collectAsList());
        ClusterSummary after = ClusterFigures.eventually(
                now -> now.executors().size() == 2 && !now.executors().equals(before));
        assertThat(after.problems())
                .singleElement()
                .asString()
                .contains("lost its GPU", "status 20", "cudaErrorIllegalAddress");
    }

    @Test
    @Order(5)
    void aGpuThatTwoExecutorsTakeIsRefusedToTheSecond() {
        SparkSession spark = cluster.session(Map.of("spark.pagedAttention.gpu.device", "0"));
        ClusterSummary summary =
                ClusterFigures.eventually(now -> !now.problems().isEmpty());
        assertThat(summary.executors()).singleElement().satisfies(report -> {
            assertThat(report.device()).isZero();
            assertThat(summary.problems().get(0))
                    .contains("did not start: GPU 0 of " + ThisHost.name() + " is in use by executor "
                            + report.executorId())
                    .contains("spark.pagedAttention.gpu.allowSharedDevice");
        });
        ConstantRows.check(ConstantRows.score(spark, Map.of(), UNCHANGED).collectAsList());
    }

    @Test
    @Order(6)
    void aJobWhoseExecutorsCannotStartFailsWithTheirReason() {
        SparkSession spark = cluster.session(TestCluster.gpus("spark.pagedAttention.backend", "cudnn"));
        assertThatThrownBy(() -> ConstantRows.score(spark, Map.of(), UNCHANGED).collectAsList())
                .hasMessageContaining("did not start: backend 'cudnn' cannot work here");
        assertThat(ClusterFigures.summary().problems()).isNotEmpty().allMatch(problem -> problem.contains("cudnn"));
    }

    @Test
    @Order(7)
    void scoringCanHaveExecutorsOfItsOwnWhileTheOthersNeedNoGpu() {
        Map<String, String> own = Map.of("spark.pagedAttention.stage.ownExecutors", "true");
        SparkSession spark = cluster.session(ownExecutors());
        ConstantRows.check(ConstantRows.score(spark, own, UNCHANGED).collectAsList());
        ClusterSummary summary = ClusterFigures.eventually(now -> now.total(Figure.SEQUENCES) == ConstantRows.ROWS);
        List<ExecutorReport> withGpu = summary.executors().stream()
                .filter(report -> report.device() >= 0)
                .toList();
        assertThat(withGpu).hasSize(1);
        assertThat(ClusterFigures.sequencesOf(summary, withGpu.get(0))).isEqualTo(ConstantRows.ROWS);
        assertThat(summary.executors()).anyMatch(report -> report.reason().contains("assigned this executor no GPU"));
        assertThat(summary.problems()).isEmpty();
    }

    @Test
    @Order(8)
    void aJobWhoseOwnExecutorsCannotStartFailsToo() {
        Map<String, String> conf = new HashMap<>(ownExecutors());
        conf.put("spark.pagedAttention.backend", "cudnn");
        SparkSession spark = cluster.session(conf);
        Map<String, String> own =
                Map.of("spark.pagedAttention.stage.ownExecutors", "true", "spark.pagedAttention.backend", "cudnn");
        assertThatThrownBy(() -> ConstantRows.score(spark, own, UNCHANGED).collectAsList())
                .hasMessageContaining("did not start: backend 'cudnn' cannot work here");
        assertThat(ClusterFigures.summary().executors())
                .extracting(ExecutorReport::hasGpu)
                .containsOnly(false);
    }

    @Test
    @Order(9)
    void localModeThatWouldWaitForEverIsRefused() {
        Map<String, String> conf = TestCluster.gpus("spark.master", "local[2]", "spark.task.resource.gpu.amount", "1");
        assertThatThrownBy(() -> cluster.session(conf))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("delete spark.task.resource.gpu.amount")
                .hasMessageContaining("spark.pagedAttention.gpu.device");
    }

    @Test
    @Order(10)
    void localModeNeedsNoGpuAndKnowsItsFigures() {
        SparkSession spark = cluster.session(Map.of("spark.master", "local[2]"));
        ConstantRows.check(ConstantRows.score(spark, Map.of(), UNCHANGED).collectAsList());
        ClusterSummary summary = ClusterFigures.eventually(now -> now.total(Figure.SEQUENCES) == ConstantRows.ROWS);
        assertThat(summary.executors()).extracting(ExecutorReport::executorId).containsExactly("driver");
        Map<String, String> stage = Map.of("spark.pagedAttention.stage.taskCpus", "2");
        assertThatThrownBy(() -> ConstantRows.score(spark, stage, UNCHANGED))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("local[2]")
                .hasMessageContaining("spark.pagedAttention.stage.");
    }

    @Test
    @Order(11)
    void aTaskThatRunsTwiceWritesItsRowsOnce(@TempDir Path folder) {
        SparkSession spark = cluster.session(TestCluster.speculation());
        Attempts attempts = Attempts.of(spark);
        String marker = folder.resolve("second-attempt").toString();
        String out = folder.resolve("out").toString();
        ConstantRows.score(spark, Map.of(), row -> {
                    if (row.getLong(0) == 0) {
                        Attempts.waitForTheSecond(marker);
                    }
                    return row;
                })
                .write()
                .parquet(out);
        ConstantRows.check(spark.read().parquet(out).collectAsList());
        attempts.expectOneTooMany();
    }

    @Test
    @Order(12)
    void aTaskThatRunsTwiceCommitsOneFile(@TempDir Path folder) throws Exception {
        SparkSession spark = cluster.session(TestCluster.speculation());
        Attempts attempts = Attempts.of(spark);
        String marker = folder.resolve("second-attempt").toString();
        List<String> lines = CommittedFiles.write(spark, folder.resolve("out"), ConstantRows.PARTITIONS, part -> {
            if (part == 0) {
                Attempts.waitForTheSecond(marker);
            }
        });
        assertThat(lines)
                .containsExactlyInAnyOrderElementsOf(IntStream.range(0, ConstantRows.PARTITIONS)
                        .mapToObj(Integer::toString)
                        .toList());
        attempts.expectOneTooMany();
    }

    @Test
    @Order(13)
    void aJobThatNoWorkerCanServeSaysWhatIsMissing() {
        SparkSession spark =
                cluster.session(TestCluster.gpus("spark.starvation.timeout", "1s", "spark.executor.memory", "900g"));
        CompletableFuture<List<Row>> job = CompletableFuture.supplyAsync(
                () -> ConstantRows.score(spark, Map.of(), UNCHANGED).collectAsList());
        ClusterSummary summary =
                ClusterFigures.eventually(now -> !now.problems().isEmpty());
        assertThat(summary.problems())
                .singleElement()
                .asString()
                .contains(
                        "no executor has started",
                        "900g of heap (spark.executor.memory)",
                        "localhost: 1 cores, ",
                        "1 GPUs");
        spark.sparkContext().cancelAllJobs();
        assertThatThrownBy(job::join).hasMessageContaining("cancel");
    }

    @Test
    @Order(14)
    void executorsLoadModelsWhenTheyStartAndTasksUseThose() {
        String model = Oracle.of("sentence-bert").files().folder();
        SparkSession spark = cluster.session(TestCluster.gpus("spark.pagedAttention.model", model));
        TextRequest request = TextRequest.text(model, "text").withConf(SessionSettings.of(spark));
        Dataset<Row> texts = spark.range(0, 40, 1, 4).selectExpr("cast(id as string) as text");
        assertThat(new TextEmbedder(request, EmbedOptions.defaults())
                        .embed(texts)
                        .filter("embedding is not null")
                        .count())
                .isEqualTo(40);
        ClusterSummary summary = ClusterFigures.eventually(
                now -> now.total(Figure.SEQUENCES) == 40 && now.figures().size() == 2);
        // one an executor: what it loads when it starts is what tasks look for
        assertThat(summary.figures().values())
                .allSatisfy(figures -> assertThat(figures).containsEntry(Figure.MODELS_LOADED, 1L));
        assertThat(summary.problems()).isEmpty();
    }

    private static Map<String, String> ownExecutors() {
        return Map.of(
                "spark.pagedAttention.stage.ownExecutors", "true",
                "spark.dynamicAllocation.enabled", "true",
                "spark.dynamicAllocation.shuffleTracking.enabled", "true",
                "spark.dynamicAllocation.maxExecutors", "1",
                "spark.executor.cores", "1");
    }

    private static Row slowly(Row row) throws InterruptedException {
        Thread.sleep(150);
        return row;
    }

    private static Row failOnce(Row row, String marker) throws IOException {
        if (row.getLong(0) == ConstantRows.ROWS / 2 && Files.notExists(Path.of(marker))) {
            Files.createFile(Path.of(marker));
            throw new FatalDeviceException("cudaErrorIllegalAddress (700), a sticky error");
        }
        return row;
    }
}
