package org.pagedattention.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.executor.DeviceAssignment;

/** In the tables, addresses are separated by blanks; a dash is "not set", a pair of quotes the empty text. */
class GpuAssignmentTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // mode  | addresses | visible     | backend | gpu.device | device
                "cluster | 0         | GPU-a       | auto    | -          | 0",
                "cluster | 1         | GPU-a GPU-b | cudnn   | -          | 1",
                "cluster | 1         | GPU-a GPU-b | cudnn   | 1          | 1",
                "cluster | 7         | -           | auto    | -          | 7",
                "cluster | GPU-b     | GPU-a GPU-b | auto    | -          | 1",
                "cluster | GPU-B     | GPU-a GPU-b | cudnn   | -          | 1",
                "cluster | MIG-x     | GPU-x       | cudnn   | -          | 0",
                "cluster | 0         | GPU-a       | cpu     | -          | none",
                "cluster | 0 1       | GPU-a GPU-b | cpu     | -          | none",
                "cluster | -         | GPU-a       | auto    | -          | none",
                "cluster | -         | GPU-a       | cpu     | 0          | none",
                "cluster | -         | GPU-a GPU-b | auto    | 1          | 1",
                "cluster | -         | -           | cudnn   | 3          | 3",
                "local   | -         | GPU-a GPU-b | auto    | -          | 0",
                "local   | -         | -           | auto    | -          | 0",
                "local   | -         | GPU-a GPU-b | cudnn   | 1          | 1",
                "local   | 1         | GPU-a GPU-b | auto    | -          | 1",
            })
    void decidesOneDeviceOrNone(
            String mode, String addresses, String visible, String backend, String device, String expected) {
        DeviceAssignment decided = GpuAssignment.decide(request(mode, addresses, visible, backend, device));
        assertThat(decided.device()).isEqualTo(expected.equals("none") ? -1 : Integer.parseInt(expected));
        assertThat(decided.reason().isEmpty()).isEqualTo(decided.hasGpu());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // mode  | addresses | visible | backend | gpu.device | value       | limit      | key
                "cluster | -         | GPU-a   | cudnn   | -  | no GPU      | cudnn      | spark.executor.resource.gpu.amount to 1",
                "cluster | 0 1       | GPU-a   | auto    | -  | 2 GPUs      | exactly 1  | spark.executor.resource.gpu.amount to 1",
                "local   | 0 1       | GPU-a   | auto    | -  | 2 GPUs      | exactly 1  | spark.driver.resource.gpu.amount to 1",
                "cluster | ``        | GPU-a   | auto    | -  | 0 GPUs      | exactly 1  | spark.executor.resource.gpu.amount",
                "cluster | \"\"      | GPU-a   | auto    | -  | \"\"        | found none | spark.worker.resource.gpu.discoveryScript",
                "local   | \"\"      | GPU-a   | auto    | -  | \"\"        | found none | spark.driver.resource.gpu.discoveryScript",
                "cluster | 2         | GPU-a   | auto    | -  | is 2        | sees 1 GPU | discoveryScript",
                "cluster | -         | GPU-a   | auto    | 1  | is 1        | sees 1 GPU | spark.pagedAttention.gpu.device",
                "cluster | GPU-z     | GPU-a   | auto    | -  | GPU-z       | [GPU-a]    | CUDA_VISIBLE_DEVICES",
                "cluster | GPU-z     | -       | auto    | -  | GPU-z       | no GPU     | CUDA_VISIBLE_DEVICES",
                "cluster | gpu-a     | GPU-a   | auto    | -  | 'gpu-a'     | neither    | discoveryScript",
                "cluster | -1        | GPU-a   | auto    | -  | '-1'        | neither    | discoveryScript",
                "cluster | cuda:0    | GPU-a   | cudnn   | -  | 'cuda:0'    | neither    | discoveryScript",
                "cluster | 99999     | GPU-a   | auto    | -  | '99999'     | neither    | discoveryScript",
                "cluster | 1         | GPU-a b | auto    | 0  | is 0        | GPU 1      | delete spark.pagedAttention.gpu.device",
            })
    void refusesWithValueLimitAndKey(
            String mode,
            String addresses,
            String visible,
            String backend,
            String device,
            String value,
            String limit,
            String key) {
        assertThatThrownBy(() -> GpuAssignment.decide(request(mode, addresses, visible, backend, device)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(value)
                .hasMessageContaining(limit)
                .hasMessageContaining(key);
    }

    @Test
    void executorsOfOtherStagesNeedNoGpuWhereScoringHasItsOwn() {
        PagedAttentionConf conf = PagedAttentionConf.parse(Map.of(
                "spark.pagedAttention.backend", "cudnn",
                "spark.pagedAttention.stage.ownExecutors", "true"));
        DeviceAssignment decided = GpuAssignment.decide(new GpuRequest(false, null, List.of("GPU-a"), conf));
        assertThat(decided.hasGpu()).isFalse();
        assertThatThrownBy(() -> decided.backend("cudnn"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("spark.executor.resource.gpu.amount");
        assertThat(decided.backend("auto")).isEqualTo("cpu");
    }

    private static GpuRequest request(String mode, String addresses, String visible, String backend, String device) {
        Map<String, String> conf = new HashMap<>(Map.of("spark.pagedAttention.backend", backend));
        if (!device.equals("-")) {
            conf.put("spark.pagedAttention.gpu.device", device);
        }
        return new GpuRequest(
                mode.equals("local"),
                addresses.equals("-") ? null : words(addresses),
                visible.equals("-") ? List.of() : words(visible),
                PagedAttentionConf.parse(conf));
    }

    private static List<String> words(String text) {
        if (text.isEmpty()) {
            return List.of();
        }
        return Arrays.stream(text.split(" "))
                .map(word -> word.replace("\"\"", ""))
                .toList();
    }
}
