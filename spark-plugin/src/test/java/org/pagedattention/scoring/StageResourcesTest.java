package org.pagedattention.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.pagedattention.conf.PagedAttentionConf;

class StageResourcesTest {
    private static final String STAGE = "spark.pagedAttention.stage.";

    @Test
    void asksForNothingWhereNothingIsSet() {
        assertThat(StageResources.of(PagedAttentionConf.defaults(), LocalSpark.SESSION.sparkContext()))
                .isEmpty();
    }

    @Test
    void localModeHasOneKindOfResourcesOnly() {
        assertThatThrownBy(() -> StageResources.of(conf(STAGE + "taskGpus", "0.5"), LocalSpark.SESSION.sparkContext()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("local[2]")
                .hasMessageContaining("delete " + STAGE + "taskGpus");
    }

    @Test
    void aShareOfAGpuNeedsExecutorsWithOne() {
        SparkConf spark = new SparkConf(false);
        PagedAttentionConf conf = conf(STAGE + "taskGpus", "0.5");
        assertThatThrownBy(() -> StageResources.refuse(conf, spark, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("taskGpus is 0.5")
                .hasMessageContaining("spark.executor.resource.gpu.amount to 1");
        spark.set("spark.executor.resource.gpu.amount", "1");
        assertThatCode(() -> StageResources.refuse(conf, spark, false)).doesNotThrowAnyException();
    }

    @Test
    void executorsOfItsOwnNeedDynamicAllocation() {
        SparkConf spark = new SparkConf(false);
        PagedAttentionConf conf = conf(STAGE + "ownExecutors", "true");
        assertThatThrownBy(() -> StageResources.refuse(conf, spark, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("spark.dynamicAllocation.enabled");
        spark.set("spark.dynamicAllocation.enabled", "true");
        assertThatCode(() -> StageResources.refuse(conf, spark, false)).doesNotThrowAnyException();
    }

    private static PagedAttentionConf conf(String key, String value) {
        return PagedAttentionConf.parse(Map.of(key, value));
    }
}
