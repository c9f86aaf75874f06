package org.pagedattention.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pagedattention.conf.ModelAtStart;
import org.pagedattention.device.FatalDeviceException;
import org.pagedattention.executor.ExecutorBackends;
import org.pagedattention.executor.ExecutorMetrics;
import org.pagedattention.executor.ExecutorModels;
import org.pagedattention.executor.Figure;
import org.pagedattention.inference.EmbedOptions;
import org.pagedattention.inference.Embedder;
import org.pagedattention.loading.ModelFolder;
import org.pagedattention.loading.ModelUse;
import org.pagedattention.loading.SharedModel;
import org.pagedattention.model.Oracle;

class ModelsAtStartTest {
    private static final int THREADS = 2;
    private static final String EMBEDDER = Oracle.of("sentence-bert").files().folder();
    private static final String CLASSIFIER =
            Oracle.of("bert-classifier").files().folder();

    private final Configuration hadoop = new Configuration(false);
    private final List<FatalDeviceException> lost = new ArrayList<>();
    private final long loadsBefore = loads();

    @TempDir
    private Path folder;

    @AfterEach
    void closeAll() {
        ExecutorBackends.closeAll();
    }

    @Test
    void tasksFindWhatWasLoadedAndItStaysWhateverElseIsLoaded() {
        try (ModelsAtStart models = started("embed=" + EMBEDDER + ",classify=" + CLASSIFIER)) {
            // the task waits, if the model is not there yet
            task(EMBEDDER).borrow(hadoop).close();
            models.awaitLoaded();
            assertThat(loads()).isEqualTo(loadsBefore + 2);
            assertThat(ExecutorModels.count()).isEqualTo(2);
            assertThat(ExecutorModels.weightBytes()).isPositive();
            for (String other : List.of("a", "b", "c")) {
                ExecutorModels.borrow(other, () -> (AutoCloseable) () -> {}).close();
            }
            task(EMBEDDER).borrow(hadoop).close();
            assertThat(loads()).isEqualTo(loadsBefore + 5);
        }
        assertThat(lost).isEmpty();
    }

    @Test
    void aModelThatCannotBeLoadedFailsTheTaskThatWantsItAndNothingElse() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"parrot\"}");
        try (ModelsAtStart models = started("embed=" + folder + ",embed=" + EMBEDDER)) {
            models.awaitLoaded();
            assertThat(loads()).isEqualTo(loadsBefore + 1);
            assertThatThrownBy(() -> task(folder.toString()).borrow(hadoop))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("model " + folder);
            task(EMBEDDER).borrow(hadoop).close();
            assertThat(loads()).isEqualTo(loadsBefore + 1);
        }
        assertThat(lost).isEmpty();
    }

    @Test
    void letsGoOfAllAtTheEnd() {
        started("embed=" + EMBEDDER).close();
        long loaded = loads();
        ExecutorModels.borrow("a", () -> (AutoCloseable) () -> {}).close();
        ExecutorModels.borrow("b", () -> (AutoCloseable) () -> {}).close();
        task(EMBEDDER).borrow(hadoop).close();
        assertThat(loads()).isEqualTo(loaded + 3);
    }

    private ModelsAtStart started(String models) {
        Map<String, String> texts = Map.of(ModelAtStart.KEY, models, "spark.pagedAttention.backend", "cpu");
        ModelsAtStart started = new ModelsAtStart(new ExecutorSettings(texts, false, null, THREADS), hadoop, lost::add);
        started.start();
        return started;
    }

    private SharedModel<Embedder> task(String model) {
        ExecutorSettings settings =
                new ExecutorSettings(Map.of("spark.pagedAttention.backend", "cpu"), false, null, THREADS);
        return SharedModel.of(
                new ModelUse.Embed(EmbedOptions.defaults()),
                0,
                ModelFolder.of(model, hadoop),
                settings.conf(),
                THREADS);
    }

    private static long loads() {
        return ExecutorMetrics.snapshot().get(Figure.MODELS_LOADED);
    }
}
