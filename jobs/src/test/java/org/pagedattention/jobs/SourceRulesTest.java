package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.score.ScoreCommand;
import org.pagedattention.jobs.verify.VerifyCommand;
import picocli.CommandLine;

/** Rules that only sources show: what messages say, how large rooms are, and what a module imports that is not built with this one. */
class SourceRulesTest {
    private static final Pattern LITERAL = Pattern.compile("\"(?:\\\\.|[^\"\\\\])*\"");
    private static final Pattern IMPORT =
            Pattern.compile("import (?:static )?org\\.pagedattention\\.([a-z.]+)\\.[A-Z]");

    /** The library's users know settings and options; a command line has flags for some of them. */
    @Test
    void theLibrarySpeaksOfNoFlag() {
        Console console = new Console(new PrintWriter(System.out), new PrintWriter(System.err));
        Set<String> flags = Stream.of(new ScoreCommand(console), new VerifyCommand(console))
                .flatMap(command -> new CommandLine(command).getCommandSpec().optionsMap().keySet().stream())
                .filter(flag -> flag.startsWith("--"))
                .collect(Collectors.toSet());
        assertThat(flags).contains("--on-bad-row", "--query-heads");
        Pattern any = Pattern.compile("(?:" + String.join("|", flags) + ")(?![\\w-])");
        assertThat(matches("../spark-plugin/src/main/java", LITERAL).map(MatchResult::group))
                .hasSizeGreaterThan(500)
                .noneMatch(text -> any.matcher(text).find());
    }

    /** Peers are raced against the CPU backend, on tensors or with a whole model; of the jobs only the benchmarks' shapes are theirs too. */
    @Test
    void peersKnowTheCpuBackendAlone() {
        assertThat(matches("peers/src/main/java", IMPORT).map(found -> found.group(1)))
                .isNotEmpty()
                .isSubsetOf(
                        "attention",
                        "backend",
                        "cpu",
                        "inference",
                        "jobs.bench",
                        "jobs.bench.embed",
                        "model",
                        "model.folder",
                        "paging",
                        "tensor");
    }

    /** Whoever comes anew looks through a room at a time. */
    @Test
    void roomsAreSmall() {
        Map<Path, Long> rooms = Stream.of("../spark-plugin/src/main/java", "src/main/java", "peers/src/main/java")
                .flatMap(folder -> sources(folder).stream())
                .collect(Collectors.groupingBy(Path::getParent, Collectors.counting()));
        assertThat(rooms)
                .hasSizeGreaterThan(50)
                .allSatisfy((room, files) -> assertThat(files)
                        .as("files in " + room)
                        .isLessThanOrEqualTo(room.startsWith("..") ? 40L : 16L));
    }

    private static Stream<MatchResult> matches(String folder, Pattern pattern) {
        return sources(folder).stream()
                .flatMap(file -> pattern.matcher(text(file)).results());
    }

    private static List<Path> sources(String folder) {
        try (Stream<Path> files = Files.walk(Path.of(folder))) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
