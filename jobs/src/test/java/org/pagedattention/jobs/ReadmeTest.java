package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.embed.EmbedCommand;
import org.pagedattention.jobs.loglikelihood.LogLikelihoodCommand;
import org.pagedattention.jobs.score.ScoreCommand;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Keeps README.md's tables equal to the code. To renew them, run this test with {@code -Dreadme.write=true}. */
class ReadmeTest {
    private static final Path README = Path.of("..", "README.md");

    @Test
    void configurationTableIsThatOfTheCode() throws IOException {
        assertSection("configuration", PagedAttentionConf.markdownTable().strip());
    }

    @Test
    void scoreOptionsAreThoseOfTheCode() throws IOException {
        assertOptions("score options", ScoreCommand::new);
    }

    @Test
    void embedOptionsAreThoseOfTheCode() throws IOException {
        assertOptions("embed options", EmbedCommand::new);
    }

    @Test
    void logLikelihoodOptionsAreThoseOfTheCode() throws IOException {
        assertOptions("loglikelihood options", LogLikelihoodCommand::new);
    }

    private static void assertOptions(String section, Function<Console, Object> command) throws IOException {
        Console console = new Console(new PrintWriter(System.out), new PrintWriter(System.err));
        String rows = new CommandLine(command.apply(console))
                .getCommandSpec().options().stream()
                        .filter(option -> !option.usageHelp() && !option.versionHelp())
                        .map(ReadmeTest::row)
                        .collect(Collectors.joining("\n"));
        assertSection(section, "| Option | What it does |\n|---|---|\n" + rows);
    }

    private static String row(OptionSpec option) {
        String text = String.join(" ", option.description())
                .replace("|", "\\|")
                .replace("<", "&lt;")
                .replace(">", "&gt;");
        String value = option.arity().max() == 0 ? "" : " " + option.paramLabel();
        return "| `" + option.longestName() + value + "` | " + text + " |";
    }

    private static void assertSection(String name, String expected) throws IOException {
        String readme = Files.readString(README);
        String begin = "<!-- " + name + ": begin -->\n";
        int from = readme.indexOf(begin) + begin.length();
        int to = readme.indexOf("<!-- " + name + ": end -->");
        assertThat(from).as("marker of " + name).isBetween(begin.length(), to);
        if (Boolean.getBoolean("readme.write")) {
            Files.writeString(README, readme.substring(0, from) + expected + "\n" + readme.substring(to));
            return;
        }
        assertThat(readme.substring(from, to).strip())
                .as("table '" + name + "' in README.md; renew it with -Dreadme.write=true")
                .isEqualTo(expected);
    }
}
