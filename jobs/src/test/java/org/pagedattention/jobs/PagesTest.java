package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pagedattention.jobs.cli.Versions;

/** The pages of the documentation hang together: links lead somewhere, and README is a page. */
class PagesTest {
    private static final int PAGE_BYTES = 8 * 1024;
    private static final Pattern JAR = Pattern.compile("paged-attention-[a-z-]+-(\\d[\\w.-]*)\\.jar");

    static List<Page> pages() {
        return Page.all();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void linksLeadSomewhere(Page page) {
        for (String link : page.links()) {
            if (link.matches("[a-z]+:.*")) {
                continue;
            }
            String[] parts = link.split("#", 2);
            Path target = parts[0].isEmpty() ? page.path() : page.path().resolveSibling(parts[0]);
            assertThat(target).as(link).exists();
            if (parts.length > 1) {
                assertThat(Page.of(target).anchors()).as(link).contains(parts[1]);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void headingsHaveAnchorsOfTheirOwn(Page page) {
        assertThat(page.anchors()).isNotEmpty().doesNotHaveDuplicates();
    }

    /** An indented block would have no language, and no test would see what it says. */
    @ParameterizedTest
    @MethodSource("pages")
    void commandsStandInFencedBlocks(Page page) {
        assertThat(page.prose()).noneMatch(line -> line.matches("(    |\t)\\s*(scripts/|\\./|spark-submit|\\$).*"));
        assertThat(page.blocks()).allMatch(block -> !block.language().isEmpty());
    }

    @ParameterizedTest
    @MethodSource("pages")
    void jarsHaveTheVersionThatIsBuilt(Page page) {
        Matcher jar = JAR.matcher(page.text());
        while (jar.find()) {
            assertThat(Versions.product()).as(jar.group()).contains(jar.group(1));
        }
    }

    @Test
    void readmeIsAPage() throws IOException {
        assertThat(Files.size(Page.ROOT.resolve("README.md"))).isLessThanOrEqualTo(PAGE_BYTES);
    }

    @Test
    void readmeLeadsToEveryPage() {
        List<String> links = Page.of(Page.ROOT.resolve("README.md")).links();
        assertThat(Page.all().stream()
                        .filter(page -> page.path().startsWith(Page.DOCS))
                        .map(Page::name))
                .isNotEmpty()
                .isSubsetOf(links);
    }
}
