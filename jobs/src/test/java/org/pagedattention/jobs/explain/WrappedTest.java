package org.pagedattention.jobs.explain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WrappedTest {

    @Test
    void keepsToTheWidthOfATerminal() {
        String text = new Wrapped()
                .fact("one", "a few words")
                .fact("two", "many words ".repeat(40))
                .fact("", "more of it")
                .toString();
        assertThat(text.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
        assertThat(text.lines().skip(1))
                .filteredOn(line -> !line.startsWith("two"))
                .allSatisfy(line -> assertThat(line).startsWith(" ".repeat(15)).doesNotStartWith(" ".repeat(16)));
        assertThat(text.replaceAll("\\s+", " "))
                .contains("one a few words two many words many")
                .endsWith("words more of it");
    }
}
