package org.pagedattention.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pagedattention.backend.BackendSettings;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.cpu.CpuModels;
import org.pagedattention.inference.EmbedOptions;
import org.pagedattention.inference.Embedder;
import org.pagedattention.model.Oracle;
import org.pagedattention.model.folder.LocalModelFiles;
import org.pagedattention.model.folder.ModelFiles;

class HadoopModelFilesTest {
    private final LocalModelFiles local = Oracle.of("sentence-bert").files();

    @TempDir
    private Path folder;

    /** Local files under a scheme of their own, so that nobody takes them for local ones. */
    public static final class Remote extends RawLocalFileSystem {
        @Override
        public String getScheme() {
            return "remote";
        }

        @Override
        public URI getUri() {
            return URI.create("remote:///");
        }
    }

    private static Configuration configuration() {
        Configuration configuration = new Configuration(false);
        configuration.setClass("fs.remote.impl", Remote.class, FileSystem.class);
        return configuration;
    }

    @Test
    void mapsLocalFolders() {
        ModelFiles files = HadoopModelFiles.of(local.path().toString(), configuration());
        assertThat(files).isEqualTo(local);
        assertThat(HadoopModelFiles.of("file://" + local.path(), configuration()))
                .isEqualTo(local);
    }

    @Test
    void loadsFromAnyOtherFileSystem() {
        ModelFiles files = HadoopModelFiles.of("remote://" + local.path(), configuration());
        assertThat(files).isInstanceOf(HadoopModelFiles.class);
        assertThat(files.names()).isEqualTo(local.names());
        assertThat(files.exists("1_Pooling")).isFalse();
        try (ModelBackend backend = new CpuModels(BackendSettings.defaults());
                Embedder near = Embedder.open(local, backend, EmbedOptions.defaults());
                Embedder far = Embedder.open(files, backend, EmbedOptions.defaults())) {
            List<String> texts = List.of("a dog");
            assertThat(far.embed(texts, 10).get(0).vector())
                    .isEqualTo(near.embed(texts, 10).get(0).vector());
        }
    }

    @Test
    void namesAFolderThatIsNotThere() throws IOException {
        assertThatThrownBy(() -> HadoopModelFiles.of(folder + "/none", configuration()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("model " + folder + "/none does not exist");
        Files.writeString(folder.resolve("model.safetensors"), "");
        assertThatThrownBy(() -> HadoopModelFiles.of(folder + "/model.safetensors", configuration()))
                .hasMessage("model " + folder + "/model.safetensors is a file: give the folder that it lies in");
    }

    @Test
    void noticesFilesThatChange() throws IOException {
        Files.createDirectories(folder.resolve("1_Pooling"));
        Files.writeString(folder.resolve("1_Pooling/config.json"), "{}");
        List<String> before = HadoopModelFiles.fingerprint(folder.toString(), configuration());
        assertThat(HadoopModelFiles.fingerprint(folder.toString(), configuration()))
                .isEqualTo(before);
        Files.writeString(folder.resolve("1_Pooling/config.json"), "[]");
        assertThat(HadoopModelFiles.fingerprint(folder.toString(), configuration()))
                .isNotEqualTo(before);
    }
}
