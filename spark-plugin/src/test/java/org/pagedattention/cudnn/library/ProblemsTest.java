package org.pagedattention.cudnn.library;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.pagedattention.gpu.GpuDevice;

class ProblemsTest {
    @Test
    void takesLinuxOnX86Only() {
        assertThat(Problems.platform("Linux", "amd64")).isEmpty();
        assertThat(Problems.platform("Linux", "aarch64")).hasValueSatisfying(says("Linux on aarch64"));
        assertThat(Problems.platform("Mac OS X", "x86_64")).hasValueSatisfying(says("Mac OS X"));
    }

    @Test
    void asksForADriver() {
        assertThat(Problems.devices(0, 35, 0, 0)).hasValueSatisfying(says("no NVIDIA driver", "525", "nvidia-smi"));
        assertThat(Problems.devices(11040, 0, 1, 0))
                .hasValueSatisfying(says("driver is too old", "CUDA 11.4", "CUDA 12.0", "525"));
    }

    @Test
    void asksForAGpu() {
        assertThat(Problems.devices(13000, 100, 0, 0)).hasValueSatisfying(says("no GPU", "CUDA_VISIBLE_DEVICES"));
        assertThat(Problems.devices(13000, 0, 0, 0)).hasValueSatisfying(says("no GPU"));
        assertThat(Problems.devices(13000, 802, 0, 0)).hasValueSatisfying(says("status 802"));
        assertThat(Problems.devices(13000, 0, 2, 2))
                .hasValueSatisfying(says("GPU device 2 does not exist, 2 visible", "spark.pagedAttention.gpu.device"));
        assertThat(Problems.devices(13000, 0, 2, 1)).isEmpty();
    }

    @Test
    void asksForANewerGpu() {
        assertThat(Problems.capability(new GpuDevice(0, "Tesla T4", 7, 5, 16L << 30)))
                .hasValueSatisfying(says("Tesla T4", "7.5", "8.0", "Ampere"));
        assertThat(Problems.capability(new GpuDevice(0, "NVIDIA A100", 8, 0, 40L << 30)))
                .isEmpty();
    }

    @Test
    void namesEveryPlaceSearchedForTheLibrary() {
        assertThat(Problems.libraryMissing(List.of(Path.of("/a/libcudnn.so.9"), Path.of("/b/libcudnn.so.9"))))
                .satisfies(says(
                        "libcudnn.so.9 was not found",
                        "/a/libcudnn.so.9, /b/libcudnn.so.9",
                        "spark.pagedAttention.cudnn.libraryPath"));
    }

    @Test
    void repeatsTheLoadersFirstLineOnly() {
        CudnnLibrary library = new CudnnLibrary(Optional.of(Path.of("/a/libcudnn.so.9")), List.of());
        assertThat(Problems.libraryBroken(library, new UnsatisfiedLinkError("no libz\nstack trace")))
                .satisfies(says("/a/libcudnn.so.9 cannot be loaded (no libz)"))
                .doesNotContain("stack trace");
        assertThat(Problems.natives(new UnsatisfiedLinkError("noexec"))).satisfies(says("noexec", "java.io.tmpdir"));
    }

    @Test
    void comparesCudnnsCudaWithTheDrivers() {
        assertThat(Problems.cudnn(CudnnVersion.of(91900), 13010, 12080))
                .hasValueSatisfying(says("cuDNN 9.19.0 is built for CUDA 13", "CUDA 12.8", "update the driver"));
        assertThat(Problems.cudnn(CudnnVersion.of(91900), 13010, 13000)).isEmpty();
        assertThat(Problems.cudnn(CudnnVersion.of(91001), 12080, 13000)).hasValueSatisfying(says("wrong"));
    }

    private static Consumer<String> says(String... parts) {
        return text -> assertThat(text).contains(parts);
    }
}
