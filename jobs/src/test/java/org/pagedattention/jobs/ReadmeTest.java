package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.jobs.cli.Console;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Keeps the tables of docs/ that say what the code says: options, settings and packages. To renew them, run this test with
 * {@code -Dreadme.write=true}.
 */
class ReadmeTest {
    private static final Pattern DOCUMENTED = Pattern.compile("/\\*\\*(.*?)\\*/", Pattern.DOTALL);

    @Test
    void configurationTableIsThatOfTheCode() throws IOException {
        assertSection("configuration.md", "configuration", PagedAttentionConf.markdownTable());
    }

    @Test
    void optionsAreThoseOfTheCode() throws IOException {
        Console console = new Console(new PrintWriter(System.out), new PrintWriter(System.err));
        Map<String, CommandSpec> jobs = new TreeMap<>();
        collect("", Main.commandLine(console), jobs);
        assertThat(jobs).containsKeys("embed", "loglikelihood", "score", "generate prompts", "doctor");
        for (Map.Entry<String, CommandSpec> job : jobs.entrySet()) {
            assertSection("options.md", job.getKey() + " options", options(job.getValue()));
        }
    }

    @Test
    void packagesAreThoseOfTheCode() throws IOException {
        assertSection(
                "design.md",
                "packages",
                "| Package | What it is |\n|---|---|\n"
                        + Stream.of("../spark-plugin/src/main/java", "src/main/java")
                                .flatMap(ReadmeTest::packages)
                                .collect(Collectors.joining("\n")));
    }

    /** Jobs by their names, but for those that only measure and those that nobody is told of. */
    private static void collect(String parent, CommandLine line, Map<String, CommandSpec> jobs) {
        line.getSubcommands().forEach((name, job) -> {
            if (!name.equals("bench") && !job.getCommandSpec().usageMessage().hidden()) {
                jobs.put(parent + name, job.getCommandSpec());
                collect(parent + name + " ", job, jobs);
            }
        });
    }

    private static String options(CommandSpec job) {
        Stream<String> options = job.options().stream()
                .filter(option ->
                        !option.usageHelp() && !option.versionHelp() && !option.hidden() && !option.inherited())
                .map(ReadmeTest::row);
        Stream<String> others =
                job.positionalParameters().stream().map(parameter -> row(parameter.paramLabel(), parameter));
        return "| Option | What it does |\n|---|---|\n"
                + Stream.concat(options, others).collect(Collectors.joining("\n"));
    }

    private static String row(OptionSpec option) {
        return row(option.longestName() + (option.arity().max() == 0 ? "" : " " + option.paramLabel()), option);
    }

    private static String row(String name, ArgSpec argument) {
        String text = String.join(" ", argument.description())
                .replace("|", "\\|")
                .replace("<", "&lt;")
                .replace(">", "&gt;");
        return "| `" + name + "` | " + text + " |";
    }

    private static Stream<String> packages(String folder) {
        try (Stream<Path> files = Files.walk(Path.of(folder))) {
            return files
                    .filter(file -> file.endsWith("package-info.java"))
                    .filter(file -> !file.getParent().endsWith("pagedattention"))
                    .sorted(Comparator.comparing(Path::getParent))
                    .map(ReadmeTest::packageRow)
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String packageRow(Path file) {
        String source = read(file);
        Matcher documented = DOCUMENTED.matcher(source);
        assertThat(documented.find()).as(file.toString()).isTrue();
        String text = documented
                .group(1)
                .replaceAll("\\s*\\n\\s*\\* ?", " ")
                .replaceAll("\\{@code\\s+([^}]*)}", "`$1`")
                .replaceAll("\\{@link\\s+(?:[a-z]\\w*\\.)*([^}]*)}", "`$1`")
                .replaceAll("\\s+", " ")
                .strip();
        String name = source.replaceAll("(?s).*\\npackage org\\.pagedattention\\.([\\w.]*);.*", "$1");
        String first = text.replaceFirst("(?<=.{30}\\.) (?=[A-Z]).*", "");
        return "| `" + name + "` | " + first.replace("|", "\\|") + " |";
    }

    private static void assertSection(String page, String name, String expected) throws IOException {
        Path path = Page.DOCS.resolve(page);
        String text = read(path);
        String begin = "<!-- " + name + ": begin -->\n";
        int from = text.indexOf(begin) + begin.length();
        int to = text.indexOf("<!-- " + name + ": end -->");
        assertThat(from).as("marker of " + name).isBetween(begin.length(), to);
        if (Boolean.getBoolean("readme.write")) {
            Files.writeString(path, text.substring(0, from) + expected.strip() + "\n" + text.substring(to));
            return;
        }
        assertThat(text.substring(from, to).strip())
                .as("table '" + name + "' in docs/" + page + "; renew it with -Dreadme.write=true")
                .isEqualTo(expected.strip());
    }

    private static String read(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
