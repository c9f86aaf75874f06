package org.pagedattention.gpu.cudf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A jar with random bytes plays cuDF's. */
class CudfNativesTest {
    private static final String PLATFORM = System.getProperty("os.arch") + "/" + System.getProperty("os.name") + "/";
    private static final byte[] LIBRARY = new byte[5 << 20];

    @TempDir
    private Path folder;

    private Path jar;
    private Path place;

    static {
        new Random(1).nextBytes(LIBRARY);
    }

    @BeforeEach
    void makeJar() throws IOException {
        place = folder.resolve("cache");
        jar = jar("one.jar", LIBRARY);
    }

    @Test
    void unpacksEachLibraryOnce() throws IOException {
        Path unpacked = unpack(jar);
        assertThat(unpacked.resolve("libcudf.so")).hasBinaryContent(LIBRARY);
        assertThat(unpacked.resolve("libcudfjni.so")).hasContent("jni");
        Object before = Files.getAttribute(unpacked.resolve("libcudf.so"), "unix:ino");
        assertThat(unpack(jar)).isEqualTo(unpacked);
        assertThat(Files.getAttribute(unpacked.resolve("libcudf.so"), "unix:ino"))
                .isEqualTo(before);
        try (Stream<Path> files = Files.list(unpacked)) {
            assertThat(files)
                    .filteredOn(file -> file.toString().endsWith(".part"))
                    .isEmpty();
        }
    }

    @Test
    void replacesWhatIsNotWhole() throws IOException {
        Path library = unpack(jar).resolve("libcudf.so");
        Files.write(library, new byte[10]);
        unpack(jar);
        assertThat(library).hasBinaryContent(LIBRARY);
    }

    @Test
    void givesEachBuildAFolderOfItsOwn() throws IOException {
        byte[] other = LIBRARY.clone();
        other[1000]++;
        Path newer = unpack(jar("two.jar", other));
        assertThat(newer).isNotEqualTo(unpack(jar));
        assertThat(newer.resolve("libcudf.so")).hasBinaryContent(other);
    }

    @Test
    void saysWhereThereIsNone() throws IOException {
        Path empty = folder.resolve("empty.jar");
        new JarOutputStream(Files.newOutputStream(empty)).close();
        assertThatThrownBy(() -> unpack(empty))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no jar on the class path");
    }

    @Test
    void givesProcessesThatStartTogetherTheSameFile() throws Exception {
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            processes.add(new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            CudfNativesTest.class.getName(),
                            jar.toString(),
                            place.toString())
                    .redirectErrorStream(true)
                    .start());
        }
        for (Process process : processes) {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
        }
        assertThat(unpack(jar).resolve("libcudf.so")).hasBinaryContent(LIBRARY);
    }

    /** Unpacks in a process of its own: the jar, the place. */
    public static void main(String[] args) throws IOException {
        Path unpacked = unpack(Path.of(args[0]), Path.of(args[1]));
        if (Files.size(unpacked.resolve("libcudf.so")) != LIBRARY.length) {
            throw new IOException("not whole");
        }
    }

    private Path unpack(Path from) throws IOException {
        return unpack(from, place);
    }

    private static Path unpack(Path from, Path place) throws IOException {
        try (URLClassLoader loader = new URLClassLoader(new URL[] {from.toUri().toURL()}, null)) {
            return CudfNatives.unpack(loader, place);
        }
    }

    private Path jar(String name, byte[] library) throws IOException {
        Path file = folder.resolve(name);
        try (OutputStream out = Files.newOutputStream(file);
                JarOutputStream entries = new JarOutputStream(out)) {
            entries.putNextEntry(new JarEntry(PLATFORM + "libcudf.so"));
            entries.write(library);
            entries.putNextEntry(new JarEntry(PLATFORM + "libcudfjni.so"));
            entries.write("jni".getBytes(StandardCharsets.UTF_8));
        }
        return file;
    }
}
