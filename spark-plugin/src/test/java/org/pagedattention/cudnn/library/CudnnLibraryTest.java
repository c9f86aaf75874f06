package org.pagedattention.cudnn.library;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CudnnLibraryTest {
    @Test
    void searchesTheLibraryPathThenTheUsualPlaces() {
        CudnnLibrary library = find("", "/a:/b", "/b/libcudnn.so.9", "/usr/lib64/libcudnn.so.9");
        assertThat(library.file()).hasValue(Path.of("/b/libcudnn.so.9"));
        assertThat(library.searched())
                .startsWith(Path.of("/a/libcudnn.so.9"), Path.of("/b/libcudnn.so.9"))
                .contains(Path.of("/usr/lib/x86_64-linux-gnu/libcudnn.so.9"));
    }

    @Test
    void searchesTheConfiguredPlaceOnly() {
        CudnnLibrary library = find("/opt/cudnn", "/a", "/a/libcudnn.so.9");
        assertThat(library.file()).isEmpty();
        assertThat(library.searched()).containsExactly(Path.of("/opt/cudnn/libcudnn.so.9"));
    }

    @Test
    void takesAFileOrItsFolder() {
        assertThat(find("/opt/cudnn", "", "/opt/cudnn/libcudnn.so.9").file())
                .hasValue(Path.of("/opt/cudnn/libcudnn.so.9"));
        assertThat(find("/opt/libcudnn.so.9.19.0", "", "/opt/libcudnn.so.9.19.0")
                        .file())
                .hasValue(Path.of("/opt/libcudnn.so.9.19.0"));
    }

    private static CudnnLibrary find(String configured, String searchPath, String... existing) {
        Set<String> files = Set.of(existing);
        return CudnnLibrary.find(configured, searchPath, path -> files.contains(path.toString()));
    }
}
