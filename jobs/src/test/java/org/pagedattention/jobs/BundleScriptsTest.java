package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The scripts in a bundle, whose jars and runtime are empty files here: what they find, and what they say is missing. */
@EnabledOnOs(OS.LINUX)
final class BundleScriptsTest {
    private static final Path SCRIPTS = Path.of("..", "scripts");

    @TempDir
    private Path folder;

    private Path bundle;

    @BeforeEach
    void makeBundle() throws IOException {
        bundle = Files.createDirectory(folder.resolve("a bundle"));
        copy("lib.sh", "scripts/lib.sh");
        copy("submit.sh", "scripts/submit.sh");
        copy("class-archive.sh", "scripts/class-archive.sh");
        copy("bundle/test-gpu", "bin/test-gpu");
        write("jars/paged-attention-spark-plugin-0.1.0.jar", "");
        write("jars/paged-attention-jobs-0.1.0.jar", "");
        write("spark/jars/spark-core_2.13-4.2.0.jar", "");
        write("tests/paged-attention-spark-plugin-0.1.0-tests.jar", "");
        write("tests/jvm.options", "");
        java("exit 0");
    }

    @Test
    void findEverythingBesideThem() throws Exception {
        Result result = bash("source scripts/lib.sh; build_if_needed; plugin_jar; echo; jobs_jar; echo;"
                + " assembled_spark_home; echo; echo $JAVA_HOME");

        assertThat(result.output().lines())
                .containsExactly(
                        bundle + "/jars/paged-attention-spark-plugin-0.1.0.jar",
                        bundle + "/jars/paged-attention-jobs-0.1.0.jar",
                        bundle + "/spark",
                        bundle + "/jre");
    }

    @Test
    void addCudfWhereTheBundleBringsIt() throws Exception {
        assertThat(bash("source scripts/lib.sh; bundled_cudf ,").output()).isEmpty();
        write("cudf/cudf-26.08.1-cuda13.jar", "");
        assertThat(bash("source scripts/lib.sh; bundled_cudf ,").output())
                .isEqualTo("," + bundle + "/cudf/cudf-26.08.1-cuda13.jar");
    }

    @Test
    void testWithTheCudfThatTheBundleBrings() throws Exception {
        write("scripts/submit.sh", "exit 0");
        java("printf '%s\\n' \"$@\"; exit 1");

        assertThat(bash("bin/test-gpu").output().lines())
                .contains(bundle + "/tests/*:" + bundle + "/jars/*:" + bundle + "/cudf/*:" + bundle + "/spark/jars/*");
    }

    @Test
    void preferTheUsersJava() throws Exception {
        assertThat(bash("JAVA_HOME=/some/jdk; source scripts/lib.sh; java_command")
                        .output())
                .isEqualTo("/some/jdk/bin/java");
    }

    @Test
    void nameThePartThatIsMissing() throws Exception {
        Files.delete(bundle.resolve("spark/jars/spark-core_2.13-4.2.0.jar"));

        Result result = bash("scripts/submit.sh doctor");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.output()).contains("lacks Spark", "spark-jars.tgz", "SPARK_HOME");
    }

    @Test
    void runNoGpuTestWhereTheBackendDoesNotWork() throws Exception {
        write("scripts/submit.sh", "echo no GPU; exit 1");

        Result result = bash("bin/test-gpu");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.output()).contains("no GPU", "the cudnn backend does not work here");
    }

    @Test
    void takeGpuTestsThatAllGaveUpForAFailure() throws Exception {
        assertThat(testGpu(2, 0, 0).status()).isEqualTo(1);
        assertThat(testGpu(2, 0, 0).output()).contains("no test ran to its end: 0 skipped, 2 aborted");
    }

    @Test
    void takeNoGpuTestForAFailure() throws Exception {
        assertThat(testGpu(0, 0, 2).output()).contains("no test tagged gpu was found");
        assertThat(testGpu(0, 0, 2).status()).isEqualTo(1);
    }

    @Test
    void passOnWhatJUnitSays() throws Exception {
        assertThat(testGpu(2, 2, 0).status()).isZero();
        assertThat(testGpu(2, 1, 1).status()).isEqualTo(1);
    }

    /** Runs {@code bin/test-gpu} with a JUnit that prints this summary and ends with this status. */
    private Result testGpu(int found, int successful, int status) throws Exception {
        write("scripts/submit.sh", "exit 0");
        java(String.format(
                "echo '[ %d tests found ]'; echo '[ 0 tests skipped ]'; echo '[ %d tests aborted ]';"
                        + " echo '[ %d tests successful ]'; exit %d",
                found, found - successful, successful, status));
        return bash("bin/test-gpu");
    }

    private void java(String body) throws IOException {
        write("jre/bin/java", body);
    }

    private void copy(String from, String to) throws IOException {
        write(to, Files.readString(SCRIPTS.resolve(from)));
    }

    private void write(String file, String text) throws IOException {
        Path path = bundle.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text.startsWith("#!") ? text : "#!/usr/bin/env bash\n" + text);
        assertThat(path.toFile().setExecutable(true)).isTrue();
    }

    private Result bash(String script) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", script).directory(bundle.toFile());
        builder.environment().keySet().removeIf(name -> name.equals("JAVA_HOME") || name.startsWith("SPARK_"));
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), output);
    }

    private record Result(int status, String output) {}
}
