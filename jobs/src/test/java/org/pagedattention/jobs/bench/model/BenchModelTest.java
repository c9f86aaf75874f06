package org.pagedattention.jobs.bench.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pagedattention.backend.SequencePooling;
import org.pagedattention.backend.Weightless;
import org.pagedattention.jobs.JobRun;
import org.pagedattention.model.EmbeddingModel;

class BenchModelTest {

    @ParameterizedTest
    @CsvSource({
        "minilm, BERT of 6 layers, 10616832",
        "bge-base, BERT of 12 layers, 84934656",
        "qwen3-600m, Qwen3 of 28 layers, 440401920",
        "llama3-8b-8layers, Llama of 8 layers, 1744830464"
    })
    void knowsTheSizesOfModels(String name, String description, long linearNumbers) {
        try (CountingBackend counting = new CountingBackend(new Weightless());
                EmbeddingModel model = EmbeddingModel.load(
                        new RandomModelFiles(NamedShape.of(name)),
                        counting,
                        Optional.of(SequencePooling.MEAN),
                        Optional.empty())) {
            assertThat(model.description()).startsWith(description);
            assertThat(counting.linearNumbers()).isEqualTo(linearNumbers);
        }
    }

    @Test
    void measuresAShape() {
        JobRun run = JobRun.of(
                "bench model --shape minilm --backend cpu --lengths fixed:16 --pass-tokens 50 --passes 2 --tasks 2");
        assertThat(run.out())
                .contains("model: BERT of 6 layers", "\"rows\": 4, \"pass_tokens\": 50", "tokens a second")
                .doesNotContain("NaN", "data sheet");
        assertThat(run.status()).isZero();
    }

    @Test
    void saysWhatIsWrong() {
        assertThat(JobRun.of("bench model").err()).contains("give one of --model and --shape");
        assertThat(JobRun.of("bench model --shape bert").err()).contains("minilm, bge-base, qwen3-600m");
        assertThat(JobRun.of("bench model --shape minilm --tasks 0").err()).contains("--tasks must be 1 or more");
    }
}
