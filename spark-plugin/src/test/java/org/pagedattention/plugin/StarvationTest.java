package org.pagedattention.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StarvationTest {
    @Test
    void saysWhatIsAskedForAndWhatIsThere() {
        Map<String, String> conf = Map.of("spark.executor.cores", "8", "spark.executor.resource.gpu.amount", "1");
        assertThat(Starvation.sentence(conf, 30, Optional.of(List.of("a: 4 cores, 512 MiB, 0 GPUs"))))
                .startsWith("no executor has started for 30 s. Each needs 8 cores (spark.executor.cores), 1g of heap"
                        + " (spark.executor.memory), 1 GPUs (spark.executor.resource.gpu.amount);"
                        + " workers have left: a: 4 cores, 512 MiB, 0 GPUs. ")
                .contains("spark.worker.resource.gpu.amount");
    }

    @Test
    void saysWhereThereIsNobody() {
        assertThat(Starvation.sentence(Map.of(), 30, Optional.of(List.of()))).contains("the master has no worker");
        assertThat(Starvation.sentence(Map.of(), 30, Optional.empty())).doesNotContain("worker have", "master");
    }
}
