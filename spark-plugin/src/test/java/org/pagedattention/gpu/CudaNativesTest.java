package org.pagedattention.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CudaNativesTest {
    private static final String FILE = "libJCudnn-12.6.0-linux-x86_64.so";

    @TempDir
    private Path folder;

    @Test
    void unpacksALibraryWhole() throws IOException {
        CudaNatives.stage(FILE, folder);
        assertThat(Files.size(folder.resolve(FILE))).isGreaterThan(100_000);
        assertThat(files()).isOne();
    }

    @Test
    void replacesWhatIsNotWhole() throws IOException {
        Files.write(folder.resolve(FILE), new byte[10]);
        CudaNatives.stage(FILE, folder);
        assertThat(Files.size(folder.resolve(FILE))).isGreaterThan(100_000);
        assertThat(files()).isOne();
    }

    @Test
    void replacesWhatIsOfTheSameSizeButNotTheSame() throws IOException {
        CudaNatives.stage(FILE, folder);
        byte[] whole = Files.readAllBytes(folder.resolve(FILE));
        Files.write(folder.resolve(FILE), new byte[whole.length]);
        CudaNatives.stage(FILE, folder);
        assertThat(Files.readAllBytes(folder.resolve(FILE))).isEqualTo(whole);
    }

    @Test
    void followsNoLink() throws IOException {
        Path elsewhere = folder.resolve("elsewhere");
        CudaNatives.stage(FILE, elsewhere);
        Files.createSymbolicLink(folder.resolve(FILE), elsewhere.resolve(FILE));
        CudaNatives.stage(FILE, folder);
        assertThat(folder.resolve(FILE)).isRegularFile();
        assertThat(Files.isSymbolicLink(folder.resolve(FILE))).isFalse();
    }

    @Test
    void leavesWhatIsThere() throws IOException {
        CudaNatives.stage(FILE, folder);
        Object before = Files.getAttribute(folder.resolve(FILE), "unix:ino");
        CudaNatives.stage(FILE, folder);
        assertThat(Files.getAttribute(folder.resolve(FILE), "unix:ino")).isEqualTo(before);
    }

    @Test
    void saysWhichLibraryIsMissing() {
        assertThatThrownBy(() -> CudaNatives.stage("libNone.so", folder))
                .isInstanceOf(IOException.class)
                .hasMessage("/lib/libNone.so is not on the class path");
    }

    private long files() throws IOException {
        try (Stream<Path> list = Files.list(folder)) {
            return list.count();
        }
    }
}
