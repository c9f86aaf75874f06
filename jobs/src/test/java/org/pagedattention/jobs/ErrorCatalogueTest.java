package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every error of docs/errors.md is provoked, and says what the page says; whatever is provoked stands there. */
class ErrorCatalogueTest {
    private static final Pattern ENTRY = Pattern.compile("(?m)^### (.+)\\n\\n```text\\n(.+)\\n```\\n\\n\\S");
    private static final Pattern PLACE = Pattern.compile("\\{\\w+}|…");

    @TempDir
    static Path folder;

    private static Map<String, Callable<String>> provocations = Map.of();

    @BeforeAll
    static void makeTables() {
        provocations = ErrorProvocations.over(new ErrorTables(folder));
    }

    /** Messages by the anchors of their headings. */
    private static Map<String, String> catalogue() {
        Map<String, String> messages = new LinkedHashMap<>();
        ENTRY.matcher(Page.of(Page.DOCS.resolve("errors.md")).text())
                .results()
                .forEach(entry -> messages.put(Page.slug(entry.group(1)), entry.group(2)));
        return messages;
    }

    @Test
    void everyHeadingHasAMessageAndAProvocation() {
        long headings = Page.of(Page.DOCS.resolve("errors.md")).prose().stream()
                .filter(line -> line.startsWith("### "))
                .count();
        assertThat(catalogue()).hasSize((int) headings);
        assertThat(provocations.keySet())
                .containsExactlyInAnyOrderElementsOf(catalogue().keySet());
    }

    @TestFactory
    Stream<DynamicTest> saysWhatTheCatalogueSays() {
        return catalogue().entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(
                        entry.getKey(),
                        () -> assertThat(provocations.get(entry.getKey()).call())
                                .matches(pattern(entry.getValue()))));
    }

    /** The message with anything where it has a place for something. */
    private static Pattern pattern(String message) {
        return Pattern.compile(
                Stream.of(PLACE.split(message, -1)).map(Pattern::quote).collect(Collectors.joining(".+")));
    }
}
