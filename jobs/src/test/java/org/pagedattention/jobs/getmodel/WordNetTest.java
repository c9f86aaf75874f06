package org.pagedattention.jobs.getmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WordNetTest {
    private static final String HANDY =
            "00019769 00 s 02 handy 0 ready_to_hand(p) 0 002 & 00019169 a 0000 + 04726275 n 0101 | easy to reach; \"found a"
                    + " handy spot for the can opener\"  ";

    @TempDir
    private Path folder;

    @Test
    void readsALine() {
        assertThat(Synset.parse("adj", HANDY))
                .isEqualTo(new Synset(
                        "a00019769",
                        List.of("handy", "ready to hand"),
                        "adj",
                        "easy to reach; \"found a handy spot for the can opener\""));
    }

    @Test
    void refusesALineWithoutDefinition() {
        assertThatThrownBy(() -> Synset.parse("noun", "00001740 03 n 01 entity 0 000"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("data.noun")
                .hasMessageContaining("entity");
    }

    @Test
    void keepsTheMostCommonInTheirOrder() {
        List<Synset> synsets = Stream.of("n1", "v1", "a1", "r1", "n2")
                .map(id -> new Synset(id, List.of(id), "noun", "of " + id))
                .toList();
        String senses = "one%1:00:00:: 1 1 2\nsame%1:00:01:: 1 2 2\nrun%2:00:00:: 1 1 3\nfast%4:00:00:: 1 1 3\n"
                + "big%5:00:00:large:00 1 1 1\n";

        assertThat(WordNet.mostCommon(3, synsets, senses))
                .extracting(Synset::id)
                .containsExactly("n1", "v1", "r1");
        assertThat(WordNet.mostCommon(4, synsets, senses))
                .extracting(Synset::id)
                .contains("a1");
        assertThat(WordNet.mostCommon(1, synsets, senses))
                .extracting(Synset::id)
                .containsExactly("n1");
        assertThat(WordNet.mostCommon(9, synsets, senses)).isEqualTo(synsets);
    }

    @Test
    void writesALineForEach() throws IOException {
        Path file = folder.resolve("glosses.json");
        WordNet.write(List.of(Synset.parse("adj", HANDY)), file);

        assertThat(file)
                .hasContent("{\"id\":\"a00019769\",\"words\":[\"handy\",\"ready to hand\"],\"part_of_speech\":\"adj\","
                        + "\"gloss\":\"easy to reach; \\\"found a handy spot for the can opener\\\"\"}\n");
    }
}
