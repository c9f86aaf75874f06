package org.pagedattention.direct;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.classic.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pagedattention.jobs.table.OutputFolder;
import org.pagedattention.jobs.table.RowAccount;

/** What a driver leaves that is killed when the direct path's files are in place, and nobody has counted their rows. */
class KilledDriverTest {
    private static final List<String> TASKS = List.of("a", "b", "c");
    private static final String COMMITTED = "committed";

    @TempDir
    private Path folder;

    @Test
    void leavesAllFilesAndNoMark() throws Exception {
        Process driver = driver();
        awaitCommit(driver);
        driver.destroyForcibly();
        assertThat(driver.waitFor()).as("killed").isNotZero();
        assertThat(entries()).hasSize(TASKS.size()).allMatch(name -> name.startsWith("part-"));
    }

    @Test
    void marksWhatItHasCounted() throws Exception {
        Process driver = driver();
        awaitCommit(driver);
        driver.getOutputStream().write('\n');
        driver.getOutputStream().flush();
        assertThat(driver.waitFor()).as("went on").isZero();
        assertThat(entries()).hasSize(TASKS.size() + 1).contains("_SUCCESS");
    }

    /** Writes, commits, counts and marks the table of the argument; goes on after the commit when it gets a line. */
    public static void main(String[] arguments) throws IOException {
        try (SparkSession spark = (SparkSession) org.apache.spark.sql.SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", "false")
                .getOrCreate()) {
            OutputCommit commit = OutputCommit.of(spark, arguments[0], ".txt");
            commit.setupJob(false);
            commit.commitJob(FileTrips.write(spark, commit, TASKS));
            System.out.println(COMMITTED);
            if (System.in.read() < 0) {
                throw new IOException("nobody says how to go on");
            }
            OutputFolder output = new OutputFolder(spark, new org.apache.hadoop.fs.Path(arguments[0]), "text");
            output.mark(new RowAccount(TASKS.size(), output.count(null), 0));
        }
    }

    private Process driver() throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("--add-"))
                .forEach(command::add);
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx512m", "-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(KilledDriverTest.class.getName(), out().toString()));
        return new ProcessBuilder(command)
                .redirectError(new File(folder.toFile(), "errors"))
                .start();
    }

    private void awaitCommit(Process driver) throws IOException {
        BufferedReader lines = driver.inputReader(StandardCharsets.UTF_8);
        String line = lines.readLine();
        while (line != null && !line.equals(COMMITTED)) {
            line = lines.readLine();
        }
        assertThat(line).as(Files.readString(folder.resolve("errors"))).isEqualTo(COMMITTED);
    }

    private Path out() {
        return folder.resolve("out");
    }

    private List<String> entries() throws IOException {
        try (Stream<Path> files = Files.list(out())) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.endsWith(".crc"))
                    .collect(Collectors.toList());
        }
    }
}
