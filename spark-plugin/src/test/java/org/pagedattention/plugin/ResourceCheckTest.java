package org.pagedattention.plugin;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pagedattention.conf.PagedAttentionConf;

class ResourceCheckTest {
    private static final String EXECUTOR = "spark.executor.resource.gpu.amount";
    private static final String TASK = "spark.task.resource.gpu.amount";

    @ParameterizedTest
    @CsvSource({
        // local, executor, task, backend, gpu.device, stage.ownExecutors
        "true,  -, -,    auto,  auto, false",
        "true,  1, -,    auto,  auto, false",
        "true,  -, -,    cudnn, auto, false",
        "false, -, -,    auto,  auto, false",
        "false, -, -,    cpu,   auto, false",
        "false, -, -,    cudnn, 0,    false",
        "false, -, -,    cudnn, auto, true",
        "false, 1, -,    cudnn, auto, false",
        "false, 1, 0.25, cudnn, auto, false",
        "false, 1, 1,    auto,  auto, false",
        "false, one, -,  auto,  auto, false",
    })
    void letsPassWhatCanWork(
            boolean local, String executor, String task, String backend, String device, boolean ownExecutors) {
        assertThatCode(() -> check(local, executor, task, backend, device, ownExecutors))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "true  | 1 | 1   | auto  | wait for ever   | delete spark.task.resource.gpu.amount and spark.executor",
                "true  | 1 | 0.5 | cpu   | =0.5            | spark.pagedAttention.gpu.device chooses the GPU",
                "true  | - | 1   | auto  | amount is 1     | set spark.executor.resource.gpu.amount to 1, or delete",
                "false | - | 0.5 | auto  | amount is 0.5   | set spark.executor.resource.gpu.amount to 1, or delete",
                "false | 0 | 1   | auto  | amount is 1     | set spark.executor.resource.gpu.amount to 1, or delete",
                "false | 2 | -   | auto  | amount is 2     | exactly 1 GPU: set it to 1",
                "false | 1 | 2   | auto  | amount is 2     | has 1 GPU: set it to 1",
                "false | - | -   | cudnn | backend is cudnn| spark.executor.resource.gpu.amount to 1",
            })
    void refusesWithTheKeyToChange(
            boolean local, String executor, String task, String backend, String value, String key) {
        assertThatThrownBy(() -> check(local, executor, task, backend, "auto", false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(value)
                .hasMessageContaining(key);
    }

    private static void check(
            boolean local, String executor, String task, String backend, String device, boolean ownExecutors) {
        Map<String, String> spark = new HashMap<>(Map.of(
                "spark.pagedAttention.backend",
                backend,
                "spark.pagedAttention.gpu.device",
                device,
                "spark.pagedAttention.stage.ownExecutors",
                Boolean.toString(ownExecutors)));
        if (!executor.equals("-")) {
            spark.put(EXECUTOR, executor);
        }
        if (!task.equals("-")) {
            spark.put(TASK, task);
        }
        ResourceCheck.check(spark, local, PagedAttentionConf.parse(spark));
    }
}
