package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One place is seen as such under every name, before anything in it is deleted. */
class SamePlaceTest extends RefusalTests {
    private static final String OVERWRITE = "score --mode overwrite " + JobRun.SHAPE;

    @BeforeEach
    void makeTable() throws IOException {
        JobRun.table(shared.resolve("in")).write().parquet(own.resolve("real/t").toString());
        Files.createSymbolicLink(own.resolve("table"), Path.of("real/t"));
        Files.createSymbolicLink(own.resolve("above"), own.resolve("real"));
    }

    @ParameterizedTest
    @CsvSource({
        "table, real/t",
        "real/t, above/t",
        "real/t, table",
        "above/t, table",
        "real/*, above/t",
        "above/*, real/t",
        "tab*, real/t",
        "real/t, above",
        "above/t, real/t/new",
        "real/t, table/new",
        "above/*, real/new",
    })
    void anOutputThatIsTheInputByWayOfALinkIsRefused(String input, String output) throws IOException {
        for (String more : new String[] {"", "--resume"}) {
            String job = more.isEmpty() ? OVERWRITE : "score --resume " + JobRun.SHAPE;
            if (more.isEmpty() || !input.contains("*")) {
                assertWrongUsage(
                        JobRun.of(job, "--input " + own.resolve(input), "--output " + own.resolve(output)), "--output");
            }
        }
        assertWhole();
    }

    @Test
    void aQuarantineInTheInputByWayOfALinkIsRefused() throws IOException {
        for (String aside : new String[] {"table/bad", "above/t/bad", "out/bad"}) {
            assertWrongUsage(
                    JobRun.of(
                            "score " + JobRun.SHAPE + " --input " + own.resolve("real/t") + " --output "
                                    + own.resolve("out"),
                            "--on-bad-row quarantine=" + own.resolve(aside)),
                    "lie in each other");
        }
        assertWhole();
    }

    /** A json table may hold a file of that name, and would be replaced with it. */
    @Test
    void aHeadInWhatIsReplacedIsRefused() throws IOException {
        Path out = Files.createDirectory(own.resolve("out"));
        Files.writeString(out.resolve("head.json"), "{\"weights\": [" + "0,".repeat(63) + "0]}");
        Files.createSymbolicLink(own.resolve("head"), out.resolve("head.json"));
        assertWrongUsage(
                JobRun.of(
                        OVERWRITE + " --input " + own.resolve("real/t") + " --output " + out,
                        "--output-format json --emit score --head " + own.resolve("head")),
                "--output " + out + " and --head");
        assertThat(out.resolve("head.json")).exists();
    }

    @Test
    void aPictureInTheInputIsRefused() throws IOException {
        assertWrongUsage(
                JobRun.of(
                        "lengths " + JobRun.SHAPE + " --input " + own.resolve("real/t"),
                        "--svg " + own.resolve("table/picture.svg")),
                "--svg");
        assertWhole();
    }

    /** As where a store is mounted, and its files are also reached by its own protocol. */
    @Test
    void theFilesOfTheInputAreKnownUnderAnyPath() throws IOException {
        Path twin = Files.createDirectory(own.resolve("twin"));
        for (Path file : files()) {
            Files.copy(file, twin.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
        }
        assertWrongUsage(
                JobRun.of(OVERWRITE, "--input " + own.resolve("real/t") + " --output " + twin),
                "a file of the input by its name, length and time");
        assertThat(twin).isNotEmptyDirectory();
    }

    @Test
    void filesOfTheInputMayBeLinks() throws IOException {
        Path links = Files.createDirectory(own.resolve("links"));
        for (Path file : files()) {
            String name = file.getFileName().toString();
            Files.createSymbolicLink(links.resolve(name.replaceFirst("^part", "link")), file);
        }
        assertWrongUsage(
                JobRun.of(OVERWRITE, "--input " + links + " --output " + own.resolve("above/t")),
                "holds what file:" + links + "/link-");
        assertWhole();
    }

    @Test
    void anEmptyFolderStaysWhereACheckFails() throws IOException {
        Path out = Files.createDirectory(own.resolve("out"));
        assertWrongUsage(JobRun.of("score " + JobRun.SHAPE + " --output " + out, "--input /nowhere"), "does not exist");
        assertThat(out).isEmptyDirectory();
    }

    private Path[] files() throws IOException {
        try (Stream<Path> all = Files.list(own.resolve("real/t"))) {
            return all.toArray(Path[]::new);
        }
    }

    private void assertWhole() throws IOException {
        assertThat(JobRun.table(own.resolve("real/t")).count()).isEqualTo(3);
        assertThat(files()).noneMatch(file -> Files.isDirectory(file));
    }
}
