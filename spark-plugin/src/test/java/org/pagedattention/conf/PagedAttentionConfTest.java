package org.pagedattention.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pagedattention.backend.ModelType;
import org.pagedattention.device.GpuLimits;
import org.pagedattention.paging.BatchLimits;
import org.pagedattention.paging.PageLayout;

class PagedAttentionConfTest {

    @Test
    void defaultsArePackedPagesOf64() {
        PagedAttentionConf conf = PagedAttentionConf.defaults();
        assertThat(conf.backend()).isEqualTo(BackendName.AUTO);
        assertThat(conf.page().size()).isEqualTo(64);
        assertThat(conf.page().layout()).isEqualTo(PageLayout.PACKED);
        assertThat(conf.onBadRow()).isEqualTo(OnBadRow.FAIL);
        assertThat(conf.batch().limits("cpu")).isEqualTo(new BatchLimits(1024, 262144, 8 << 20));
        assertThat(conf.batch().limits("cudnn").maxBytes()).isEqualTo(64 << 20);
    }

    @Test
    void readsWhatIsSetAndLeavesOtherKeysAlone() {
        PagedAttentionConf conf = PagedAttentionConf.parse(Map.of(
                "spark.pagedAttention.backend", "cpu",
                "spark.pagedAttention.batch.maxBytes", "16m",
                "spark.pagedAttention.gpu.device", "3",
                "spark.pagedAttention.model.dtype", "fp32",
                "spark.executor.cores", "4"));
        assertThat(conf.backend()).isEqualTo(BackendName.CPU);
        assertThat(conf.batch().maxBytes()).isEqualTo(16 << 20);
        assertThat(conf.backendSettings(2).device()).isEqualTo(3);
        assertThat(conf.backendSettings(2).gpu()).isEqualTo(GpuLimits.defaults());
        assertThat(conf.backendSettings(2).modelType()).isEqualTo(ModelType.FP32);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "backend | tpu | auto, cpu, cudnn",
                "page.size | 48 | 32 or 64",
                "page.size | many | whole number",
                "page.layout | loose | packed or padded",
                "batch.maxTokens | 0 | from 1",
                "batch.maxSequences | 0 | from 1 to 65536, or to auto",
                "batch.maxBytes | 0 | above 0",
                "batch.maxBytes | 2g | at most 1024m",
                "batch.maxBytes | 99999999999g | such as 64m",
                "gpu.memoryFraction | 1.5 | up to 1",
                "gpu.memoryFraction | NaN | up to 1",
                "gpu.allowSharedDevice | yes | true, false",
                "gpu.device | -2 | from 0",
                "warmUp | 32x8x128 | such as 32x8x128:bf16:causal",
                "warmUp | 32x8x128:fp8:none | fp16",
                "warmUp | 32x7x128:fp16:none | multiple of KV heads",
                "model | reward=/models/a | embed=, classify= or loglikelihood=",
                "model | /models/a,,/models/b | commas between",
                "model | embed= | name folders",
                "model.dtype | half | auto, fp16, bf16, fp32",
                "stage.taskGpus | 2 | from 0 to 1",
                "stage.taskGpus | NaN | from 0 to 1",
                "stage.taskCpus | -1 | from 0",
                "stage.ownExecutors | 1 | true, false",
                "onBadRow | ignore | quarantine"
            })
    void saysWhatWouldBeRight(String key, String value, String hint) {
        assertThatThrownBy(() -> PagedAttentionConf.parse(Map.of("spark.pagedAttention." + key, value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("spark.pagedAttention." + key)
                .hasMessageContaining(value)
                .hasMessageContaining(hint);
    }

    @Test
    void tellsTheBackendItsShareOfTheGpu() {
        PagedAttentionConf conf = PagedAttentionConf.parse(Map.of(
                "spark.pagedAttention.gpu.memoryFraction", "0.25",
                "spark.pagedAttention.gpu.pinnedBytes", "2g",
                "spark.pagedAttention.gpu.concurrentBatches", "6"));
        assertThat(conf.backendSettings(1).gpu()).isEqualTo(new GpuLimits(0.25, 2L << 30, 6));
    }

    @Test
    void readsModelsWithWhatTheyAreUsedFor() {
        String text = "embed=/models/a, s3a://bucket/day=1/b ,loglikelihood=hdfs:///models/c";
        assertThat(PagedAttentionConf.parse(Map.of(ModelAtStart.KEY, text))
                        .model()
                        .atStart())
                .containsExactly(
                        new ModelAtStart(ModelAtStart.Use.EMBED, "/models/a"),
                        new ModelAtStart(ModelAtStart.Use.AS_IT_SAYS, "s3a://bucket/day=1/b"),
                        new ModelAtStart(ModelAtStart.Use.LOGLIKELIHOOD, "hdfs:///models/c"));
        assertThat(PagedAttentionConf.defaults().model().atStart()).isEmpty();
    }

    @Test
    void anUnknownKeyIsAnsweredWithTheNearest() {
        assertThatThrownBy(() -> PagedAttentionConf.parse(Map.of("spark.pagedAttention.pagesize", "64")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("did you mean spark.pagedAttention.page.size?");
        assertThatThrownBy(() -> PagedAttentionConf.parse(Map.of("spark.pagedattention.page.size", "64")))
                .hasMessageContaining("unknown setting spark.pagedattention.page.size");
    }

    @Test
    void theTableNamesEveryKey() {
        assertThat(PagedAttentionConf.values(Map.of()))
                .hasSize(24)
                .allSatisfy((key, value) ->
                        assertThat(PagedAttentionConf.markdownTable()).contains("| `" + key + "` |"));
    }

    @Test
    void asManySequencesAsSuitTheJobUnlessAsked() {
        BatchConf auto = PagedAttentionConf.defaults().batch();
        assertThat(auto.sequences()).isEqualTo(1024);
        assertThat(auto.texts()).isEqualTo(8192);
        BatchConf asked = PagedAttentionConf.parse(Map.of("spark.pagedAttention.batch.maxSequences", "7"))
                .batch();
        assertThat(asked.sequences()).isEqualTo(7);
        assertThat(asked.texts()).isEqualTo(7);
    }
}
