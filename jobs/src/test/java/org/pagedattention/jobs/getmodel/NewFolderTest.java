package org.pagedattention.jobs.getmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NewFolderTest {
    @TempDir
    private Path parent;

    @Test
    void appearsWhole() throws IOException {
        Path folder = parent.resolve("a/model");
        NewFolder.write(folder, partial -> {
            Files.writeString(
                    Files.createDirectory(partial.resolve("1_Pooling")).resolve("config.json"), "{}");
            assertThat(folder).doesNotExist();
        });

        assertThat(folder.resolve("1_Pooling/config.json")).hasContent("{}");
        assertThat(parent.resolve("a")).isDirectoryContaining(path -> path.equals(folder));
        assertThat(parent.resolve("a").toFile().list()).hasSize(1);
    }

    @Test
    void leavesNothingHalfWritten() {
        Path folder = parent.resolve("model");

        assertThatThrownBy(() -> NewFolder.write(folder, partial -> {
                    Files.writeString(partial.resolve("config.json"), "{");
                    throw new IllegalArgumentException("too short");
                }))
                .hasMessage("too short");
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void replacesNothing() throws IOException {
        Path folder = Files.createDirectory(parent.resolve("model"));

        assertThatThrownBy(() -> NewFolder.write(folder, partial -> {}))
                .isInstanceOf(FileAlreadyExistsException.class)
                .hasMessageContaining("model");
        assertThat(folder).isEmptyDirectory();
    }
}
