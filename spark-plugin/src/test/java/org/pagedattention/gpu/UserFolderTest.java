package org.pagedattention.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserFolderTest {

    @TempDir
    private Path home;

    @Test
    void isForItsUserAlone() throws IOException {
        Path folder = UserFolder.open(home.resolve("a/b"), "things");
        for (Path path : new Path[] {folder, folder.getParent()}) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rwx------");
        }
        assertThat(UserFolder.open(home.resolve("a/b"), "things")).isEqualTo(folder);
    }

    @Test
    void isRefusedWhereOthersCanOpenIt() throws IOException {
        Path open = Files.createDirectory(home.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThatThrownBy(() -> UserFolder.open(open, "things"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(open + " is not a folder that this user alone can open")
                .hasMessageContaining("PAGED_ATTENTION_CACHE");
        assertThat(open.resolve("things")).doesNotExist();
    }

    @Test
    void isNoLink() throws IOException {
        Path elsewhere = UserFolder.open(home.resolve("elsewhere"), "things");
        Path link = Files.createSymbolicLink(home.resolve("link"), elsewhere);
        assertThatThrownBy(() -> UserFolder.open(link, "things")).isInstanceOf(IOException.class);
    }

    @Test
    void liesWhereTheEnvironmentSays() {
        assertThat(UserFolder.place(Map.of(), "/home/me")).isEqualTo(Path.of("/home/me/.cache/paged-attention"));
        assertThat(UserFolder.place(Map.of("XDG_CACHE_HOME", "/caches"), "/home/me"))
                .isEqualTo(Path.of("/caches/paged-attention"));
        assertThat(UserFolder.place(
                        Map.of("XDG_CACHE_HOME", "/caches", "PAGED_ATTENTION_CACHE", "/fast/mine"), "/home/me"))
                .isEqualTo(Path.of("/fast/mine"));
    }
}
