package org.pagedattention.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With an nvidia-smi that prints what the test wants. */
class DiscoveryScriptTest {
    @TempDir
    private Path folder;

    @Test
    void listsEachIndexOnce() throws Exception {
        assertThat(discover("printf '1\\n0\\n 10\\n1\\n'"))
                .isEqualTo(new Script.Result(0, "{\"name\": \"gpu\", \"addresses\": [\"0\", \"1\", \"10\"]}\n", ""));
    }

    @Test
    void asksForIndexesOnly() throws Exception {
        assertThat(discover("[ \"$*\" = '--query-gpu=index --format=csv,noheader' ] && echo 0"))
                .isEqualTo(new Script.Result(0, "{\"name\": \"gpu\", \"addresses\": [\"0\"]}\n", ""));
    }

    @Test
    void failsWhereThereIsNone() throws Exception {
        Script.Result result = discover("echo 'No devices were found'");
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).contains("no GPU", "No devices were found");
    }

    @Test
    void failsWhereTheDriverDoes() throws Exception {
        Script.Result result = discover("echo 'Failed to initialize NVML: Driver/library version mismatch'; exit 18");
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).contains("version mismatch");
    }

    @Test
    void failsWithoutTheDriver() throws Exception {
        fake("bash", "exec /bin/bash \"$@\"");
        Script.Result result = Script.run(Map.of("PATH", folder.toString()), folder, "get-gpu-resources.sh");
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).contains("nvidia-smi is not on the PATH", "install the NVIDIA driver");
    }

    private Script.Result discover(String nvidiaSmi) throws IOException, InterruptedException {
        fake("nvidia-smi", nvidiaSmi);
        return Script.run(Map.of("PATH", folder + ":" + System.getenv("PATH")), folder, "get-gpu-resources.sh");
    }

    private void fake(String name, String body) throws IOException {
        Path file = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
