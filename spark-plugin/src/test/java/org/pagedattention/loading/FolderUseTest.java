package org.pagedattention.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pagedattention.conf.ModelAtStart;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.model.Oracle;

class FolderUseTest {
    private final Configuration hadoop = new Configuration(false);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "sentence-bert, EMBED",
        "qwen3-embedding, EMBED",
        "bert-classifier, CLASSIFY",
        "qwen3-classifier, CLASSIFY",
        "llama-text, LOGLIKELIHOOD",
        "gpt2, LOGLIKELIHOOD"
    })
    void folderSaysWhatItIsFor(String model, ModelAtStart.Use use) {
        assertThat(FolderUse.of(Oracle.of(model).files())).isEqualTo(use);
    }

    @Test
    void aRankerOfTwoAnswersIsOne() throws IOException {
        Files.writeString(folder.resolve("modules.json"), """
                [{"idx": 0, "type": "sentence_transformers.models.Transformer", "path": ""},
                 {"idx": 1, "type": "sentence_transformers.cross_encoder.modules.logit_score.LogitScore", "path": "1"}]
                """);
        Files.writeString(folder.resolve("config.json"), "{\"architectures\": [\"Qwen3ForCausalLM\"]}");
        assertThat(FolderUse.of(HadoopModelFiles.of(folder.toString(), hadoop))).isEqualTo(ModelAtStart.Use.CLASSIFY);
    }

    @Test
    void whatIsSaidCountsAndEveryPathIsWhole() {
        String model = Oracle.of("llama-text").files().folder();
        assertThat(decided("embed=" + model + "," + model))
                .containsExactly(
                        new ModelAtStart(ModelAtStart.Use.EMBED, "file:" + model),
                        new ModelAtStart(ModelAtStart.Use.LOGLIKELIHOOD, "file:" + model));
    }

    @Test
    void aFolderThatDoesNotSayIsRefused() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{\"architectures\": [\"BertModel\"]}");
        assertThatThrownBy(() -> decided(folder.toString()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("model " + folder + " does not say what it is for (architectures [BertModel]")
                .hasMessageContaining(
                        "put embed=, classify= or loglikelihood= before it in spark.pagedAttention.model");
        assertThatThrownBy(() -> decided("embed=/nowhere/model"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("model /nowhere/model does not exist");
    }

    private List<ModelAtStart> decided(String setting) {
        PagedAttentionConf conf = PagedAttentionConf.parse(Map.of(ModelAtStart.KEY, setting));
        List<ModelAtStart> decided = FolderUse.decided(conf.model().atStart(), hadoop);
        // executors get it as text
        String text = ModelAtStart.text(decided);
        assertThat(PagedAttentionConf.parse(Map.of(ModelAtStart.KEY, text))
                        .model()
                        .atStart())
                .isEqualTo(decided);
        return decided;
    }
}
