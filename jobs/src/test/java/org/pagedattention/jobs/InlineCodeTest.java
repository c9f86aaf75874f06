package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.jobs.cli.Console;
import picocli.CommandLine;

/** What pages name within a sentence, scripts, jobs, options and settings, is there. */
class InlineCodeTest {
    private static final Pattern CODE = Pattern.compile("`([^`\\n]+)`");
    private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--[a-z][a-z-]+");
    private static final Pattern SETTING = Pattern.compile("spark\\.pagedAttention\\.[\\w.]*\\w");

    /** Options that jobs get from submit.sh's caller, or that scripts have. */
    private static final List<Path> SCRIPTS = List.of(
            Path.of("../scripts/submit.sh"),
            Path.of("../scripts/bundle.sh"),
            Path.of("../scripts/cluster.sh"),
            Path.of("../scripts/get-glosses.sh"));

    static List<Page> pages() {
        return Page.all();
    }

    private static List<String> code(Page page) {
        return page.prose().stream()
                .flatMap(line -> CODE.matcher(line).results())
                .map(found -> found.group(1))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void namesScriptsAndJobsThatAreThere(Page page) {
        for (String code : code(page)) {
            if (!code.startsWith("scripts/")) {
                continue;
            }
            List<String> words = Arrays.asList(code.split(" "));
            assertThat(Page.ROOT.resolve(words.get(0))).exists();
            if (words.get(0).equals("scripts/submit.sh")
                    && words.size() > 1
                    && !words.get(1).equals("JOB")) {
                CommandLine job = line();
                for (String word : words.subList(1, words.size())) {
                    if (word.startsWith("-") || job.getSubcommands().isEmpty()) {
                        break;
                    }
                    assertThat(job.getSubcommands()).as(code).containsKey(word);
                    job = job.getSubcommands().get(word);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void namesOptionsThatAreThere(Page page) throws IOException {
        Set<String> known = new TreeSet<>(Set.of("--then"));
        collect(line(), known);
        for (Path script : SCRIPTS) {
            OPTION.matcher(Files.readString(script)).results().forEach(found -> known.add(found.group()));
        }
        for (String code : code(page)) {
            assertThat(OPTION.matcher(code).results().map(found -> found.group()))
                    .as(code)
                    .isSubsetOf(known);
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void namesSettingsThatAreThere(Page page) {
        Set<String> known = new TreeSet<>(PagedAttentionConf.values(Map.of()).keySet());
        for (String line : page.text().lines().toList()) {
            if (!line.contains("did you mean")) {
                assertThat(SETTING.matcher(line).results().map(found -> found.group()))
                        .as(line)
                        .isSubsetOf(known);
            }
        }
    }

    private static CommandLine line() {
        return Main.commandLine(new Console(new PrintWriter(new StringWriter()), new PrintWriter(new StringWriter())));
    }

    private static void collect(CommandLine line, Set<String> options) {
        options.addAll(line.getCommandSpec().optionsMap().keySet());
        line.getSubcommands().values().forEach(job -> collect(job, options));
    }
}
