package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** How scripts/class-archive.sh makes and uses archives, with a Java that writes down what it is asked to do. */
@EnabledOnOs(OS.LINUX)
final class ClassArchiveTest {
    private static final Path SCRIPTS = Path.of("..", "scripts");

    @TempDir
    private Path folder;

    @BeforeEach
    void makeClassPath() throws IOException {
        Files.createDirectories(folder.resolve("bin"));
        Files.createDirectories(folder.resolve("lib"));
        Files.createDirectories(folder.resolve("spark/jars"));
        Files.createDirectories(folder.resolve("conf"));
        for (String file : List.of("lib/modules", "ours.jar", "spark/jars/a.jar")) {
            Files.writeString(folder.resolve(file), file);
        }
        java("echo \"$@\" >>asked; for word; do case $word in -XX:ArchiveClassesAtExit=*) echo classes >${word#*=} ;;"
                + " esac; done");
    }

    @Test
    void isMadeOnceAndUsedFromThenOn() throws Exception {
        List<String> first = command();
        assertThat(first.get(0)).contains("this happens once");
        String archive = archiveOf(first);
        assertThat(Path.of(archive)).hasContent("classes");
        assertThat(Path.of(archive).getParent().getParent()).isEqualTo(folder.resolve("cache"));
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(Path.of(archive).getParent())))
                .isEqualTo("rwx------");
        assertThat(first)
                .contains(folder + "/ours.jar:" + folder + "/spark/jars/*:" + folder + "/conf/:" + folder + "/bin");

        assertThat(archiveOf(command())).isEqualTo(archive);
        assertThat(Files.readAllLines(folder.resolve("asked")))
                .singleElement()
                .asString()
                .contains(
                        "-cp " + folder + "/ours.jar:" + folder + "/spark/jars/*", "-Xmx1g", "spark-internal rehearse")
                .doesNotContain(folder + "/conf/", "-Dsecret");
    }

    @Test
    void isAnotherOneForOtherJars() throws Exception {
        String before = archiveOf(command());
        Files.writeString(folder.resolve("spark/jars/a.jar"), "changed");
        assertThat(archiveOf(command())).isNotEqualTo(before);
    }

    @Test
    void isLeftOutWhereOthersCanOpenItsFolder() throws Exception {
        Files.createDirectory(
                folder.resolve("cache"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        assertThat(command())
                .noneMatch(word -> word.contains("SharedArchiveFile"))
                .contains("-Xmx1g");
        assertThat(folder.resolve("asked")).doesNotExist();
    }

    @Test
    void isLeftOutWhereItCannotBeMadeWhichIsSaidOnce() throws Exception {
        java("echo no room; exit 1");
        assertThat(command())
                .anyMatch(line -> line.startsWith("There is no class archive: " + folder.resolve("cache")))
                .noneMatch(word -> word.contains("SharedArchiveFile"));
        assertThat(command().get(0)).isEqualTo(folder + "/bin/java");
    }

    @Test
    void isLeftOutOnRequest() throws Exception {
        assertThat(command("PAGED_ATTENTION_CLASS_ARCHIVE=off").get(0)).isEqualTo(folder + "/bin/java");
        assertThat(folder.resolve("cache")).doesNotExist();
    }

    /** What is said, then the words of the command as it would run. */
    private List<String> command(String... settings) throws IOException, InterruptedException {
        String script = String.join(" ", settings) + "\nset -euo pipefail; source " + SCRIPTS.toRealPath() + "/lib.sh;"
                + " source \"$PROJECT_ROOT/scripts/class-archive.sh\"; conf_dir=$PWD/conf; archive_classes $PWD/bin/java"
                + " -cp \"$PWD/conf/:$PWD/ours.jar:$PWD/spark/jars/*:$PWD/bin\" -Xmx1g -Dsecret=1"
                + " org.apache.spark.deploy.SparkSubmit score; printf '%s\\n' \"${command[@]}\"";
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", script).directory(folder.toFile());
        builder.environment()
                .put("PAGED_ATTENTION_CACHE", folder.resolve("cache").toString());
        builder.environment().remove("PAGED_ATTENTION_CLASS_ARCHIVE");
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output.lines().toList();
    }

    private static String archiveOf(List<String> command) {
        String option = "-XX:SharedArchiveFile=";
        return command.stream()
                .filter(word -> word.startsWith(option))
                .findFirst()
                .orElseThrow()
                .substring(option.length());
    }

    private void java(String body) throws IOException {
        Path java = folder.resolve("bin/java");
        Files.writeString(java, "#!/usr/bin/env bash\n" + body + "\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
    }
}
