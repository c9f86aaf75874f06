package org.pagedattention.jobs.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.jobs.cli.Console;

/** How class archives are made and used, with a Java that writes down what it is asked to do. */
@EnabledOnOs(OS.LINUX)
final class ClassArchiveTest {
    private static final Path SCRIPTS = Path.of("..", "scripts");

    /** A Java that notes what it is asked to do, and makes an archive. */
    private static final String WRITES =
            "echo \"$@\" >>asked; for word; do case $word in -XX:ArchiveClassesAtExit=*) echo classes >${word#*=} ;;"
                    + " esac; done";

    /** Prints what makes an archive, then the words of the command as it would run. */
    private static final String ASKS = "(set -euo pipefail; source " + SCRIPTS.toAbsolutePath() + "/lib.sh;"
            + " source \"$PROJECT_ROOT/scripts/class-archive.sh\"; conf_dir=$PWD/conf; archive_classes $PWD/bin/java"
            + " -cp \"$PWD/conf/:$PWD/ours.jar:$PWD/spark/jars/*:$PWD/bin\" -Xmx1g -Dsecret=1"
            + " org.apache.spark.deploy.SparkSubmit score;"
            + " printf 'maker=%s\\n' \"${PAGED_ATTENTION_ARCHIVE_MAKER:-}\"; printf '%s\\n' \"${command[@]}\")";

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
        java(WRITES);
    }

    @Test
    void isMadeOnceBehindAJobAndUsedFromThenOn() throws Exception {
        Answer first = ask();
        assertThat(first.words().get(0)).isEqualTo(folder + "/bin/java");
        assertThat(first.words()).noneMatch(word -> word.contains("SharedArchiveFile"));
        assertThat(folder.resolve("asked")).doesNotExist();

        make(first.maker());

        Answer second = ask();
        assertThat(second.maker()).isEmpty();
        Path archive = archiveOf(second.words());
        assertThat(archive).hasContent("classes");
        assertThat(archive.getParent()).isEqualTo(classes());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(classes())))
                .isEqualTo("rwx------");
        assertThat(second.words())
                .contains(folder + "/ours.jar:" + folder + "/spark/jars/*:" + folder + "/conf/:" + folder + "/bin");
        assertThat(Files.readAllLines(folder.resolve("asked")))
                .singleElement()
                .asString()
                .startsWith("-cp " + folder + "/ours.jar:" + folder + "/spark/jars/* ")
                .contains(" -Xmx1g ", " spark-internal rehearse")
                .doesNotContain(folder + "/conf/", "-Dsecret");
    }

    @Test
    void isAnotherOneForOtherJars() throws Exception {
        make(ask().maker());
        Files.writeString(folder.resolve("spark/jars/a.jar"), "changed");
        make(ask().maker());
        assertThat(archiveOf(ask().words())).hasContent("classes");
        assertThat(files("*.jsa")).hasSize(2);
    }

    @Test
    void isMadeOnceWhereSeveralJobsEndAtOnce() throws Exception {
        java("sleep 1; " + WRITES);
        String maker = ask().maker();
        make(maker + "& " + maker + "& sleep 0.5; " + maker + "& wait");
        assertThat(Files.readAllLines(folder.resolve("asked"))).hasSize(1);
        assertThat(files("*"))
                .containsOnly("lock", archiveOf(ask().words()).getFileName().toString());
    }

    @Test
    void isNotAskedForWhileAnotherProcessIsAtIt() throws Exception {
        java("sleep 3; " + WRITES);
        String maker = ask().maker();
        assertThat(bash(maker + "& sleep 1; " + ASKS + "; wait")).contains("maker=\n");
    }

    @Test
    void isMadeAfterAMachineThatWasShutDownInTheMiddle() throws Exception {
        String maker = ask().maker();
        for (String left : List.of("0123456789abcdef.jsa.part", "0123456789abcdef.jsa.log")) {
            Files.writeString(classes().resolve(left), "half");
        }
        make(maker);
        assertThat(files("*"))
                .containsOnly("lock", archiveOf(ask().words()).getFileName().toString());
    }

    @Test
    void isLeftOutWhereOthersCanOpenItsFolder() throws Exception {
        Files.createDirectory(
                folder.resolve("cache"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Answer answer = ask();
        assertThat(answer.words())
                .noneMatch(word -> word.contains("SharedArchiveFile"))
                .contains("-Xmx1g");
        assertThat(answer.maker()).isEmpty();
    }

    @Test
    void isTriedAgainADayAfterItCouldNotBeMade() throws Exception {
        java("[[ -e room ]] || { echo no room; exit 1; }; " + WRITES);
        make(ask().maker());
        assertThat(files("*.jsa*")).singleElement().asString().endsWith(".jsa.failed");
        Path failed = classes().resolve(files("*.failed").get(0));
        assertThat(failed).hasContent("no room");
        assertThat(ask().maker()).isEmpty();

        Files.setLastModifiedTime(failed, FileTime.from(Instant.now().minus(Duration.ofHours(49))));
        Files.createFile(folder.resolve("room"));
        make(ask().maker());
        assertThat(files("*.jsa*")).singleElement().asString().endsWith(".jsa");
    }

    @ParameterizedTest
    @ValueSource(strings = {"CI=true", "PAGED_ATTENTION_CLASS_ARCHIVE=use"})
    void isUsedAndNotMade(String setting) throws Exception {
        assertThat(ask(setting).maker()).isEmpty();
        make(ask().maker());
        assertThat(archiveOf(ask(setting).words())).hasContent("classes");
    }

    @Test
    void isLeftOutOnRequest() throws Exception {
        make(ask().maker());
        Answer answer = ask("PAGED_ATTENTION_CLASS_ARCHIVE=off");
        assertThat(answer.maker()).isEmpty();
        assertThat(answer.words()).noneMatch(word -> word.contains("SharedArchiveFile"));
    }

    @Test
    void isNotLeftOutByAWordThatMeansNothing() throws Exception {
        assertThat(bash("PAGED_ATTENTION_CLASS_ARCHIVE=no\n" + ASKS))
                .isEqualTo("submit.sh: PAGED_ATTENTION_CLASS_ARCHIVE is no: set it to auto, use or off\n");
    }

    @Test
    void isStartedByAJobThatDoesNotWaitForIt() throws Exception {
        StringWriter said = new StringWriter();
        Console console = new Console(new PrintWriter(Writer.nullWriter()), new PrintWriter(said, true));
        ClassArchive.start(null, console);
        assertThat(said.toString()).isEmpty();

        Path made = folder.resolve("made");
        ClassArchive.start("setsid bash -c 'sleep 1; echo made >\"$0\"' " + made, console);
        assertThat(made).doesNotExist();
        assertThat(said.toString().lines()).singleElement().asString().contains("in the background");
        for (int i = 0; i < 200 && !Files.exists(made); i++) {
            Thread.sleep(50);
        }
        assertThat(made).exists();
    }

    private void make(String maker) throws IOException, InterruptedException {
        assertThat(maker).isNotEmpty();
        assertThat(bash(maker)).isEmpty();
    }

    private Answer ask(String... settings) throws IOException, InterruptedException {
        List<String> lines =
                bash(String.join(" ", settings) + "\n" + ASKS).lines().toList();
        return new Answer(lines.get(0).substring("maker=".length()), lines.subList(1, lines.size()));
    }

    private String bash(String script) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", script).directory(folder.toFile());
        builder.environment()
                .put("PAGED_ATTENTION_CACHE", folder.resolve("cache").toString());
        builder.environment().keySet().removeAll(List.of("PAGED_ATTENTION_CLASS_ARCHIVE", "CI"));
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    private Path classes() {
        return folder.resolve("cache/classes");
    }

    private List<String> files(String glob) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(classes(), glob)) {
            List<String> names = new ArrayList<>();
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
            return names;
        }
    }

    /** What makes an archive, as a command of the shell, and the words of the job's command. */
    private record Answer(String maker, List<String> words) {}

    private static Path archiveOf(List<String> command) {
        String option = "-XX:SharedArchiveFile=";
        return Path.of(command.stream()
                .filter(word -> word.startsWith(option))
                .findFirst()
                .orElseThrow()
                .substring(option.length()));
    }

    private void java(String body) throws IOException {
        Path java = folder.resolve("bin/java");
        Files.writeString(java, "#!/usr/bin/env bash\n" + body + "\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
    }
}
