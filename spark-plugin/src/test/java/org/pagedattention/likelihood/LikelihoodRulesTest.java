package org.pagedattention.likelihood;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the harness scores, worked out by hand from its rules: what stands left of the arrow is conditioned on. */
class LikelihoodRulesTest {
    private static final int LONGEST = 8;

    static Stream<Arguments> continuations() {
        return Stream.of(
                // spaces that end the context are the continuation's
                Arguments.of("the", " cat", "the=> cat", "<s>|the=> cat"),
                Arguments.of("the ", "cat", "the=> cat", "<s>|the=> cat"),
                Arguments.of("the  ", "cat", "the=>  |cat", "<s>|the=>  |cat"),
                Arguments.of("the\n", "cat", "the=>\n|cat", "<s>|the=>\n|cat"),
                Arguments.of("the \n ", "cat", "the=> |\n| cat", "<s>|the=> |\n| cat"),
                Arguments.of("the", "  cat", "the=>  |cat", "<s>|the=>  |cat"),
                // Python's spaces, which are more than Java's
                Arguments.of("the\u00a0", "cat", "the=>\u00a0|cat", "<s>|the=>\u00a0|cat"),
                Arguments.of("the\u3000", "cat", "the=>\u3000|cat", "<s>|the=>\u3000|cat"),
                Arguments.of("the\u001c", "cat", "the=>\u001c|cat", "<s>|the=>\u001c|cat"),
                // spaces inside and in front of the context stay
                Arguments.of(" the cat", " the", " the| cat=> the", "<s>| the| cat=> the"),
                // no context: the prefix token, and none that the tokenizer adds
                Arguments.of("", "cat", "<s>=>cat", "<s>=>cat"),
                Arguments.of("", " the cat", "<s>=> the| cat", "<s>=> the| cat"),
                // nothing but spaces leaves no context either
                Arguments.of(" ", "cat", "<s>=> cat", "<s>=> cat"),
                // one token each
                Arguments.of("a", "c", "a=>c", "<s>|a=>c"),
                // whole is ab|c, and the context by itself one token, a: behind that c is scored, and b is nobody's
                Arguments.of("a", "bc", "a=>c", "<s>|a=>c"),
                // letters of two tokens: nothing is cut within, and what merges is counted in tokens
                Arguments.of("é", "ü", "é1|é2=>ü1|ü2", "<s>|é1|é2=>ü1|ü2"),
                Arguments.of("the é", "é", "the| |é1|é2=>é1|é2", "<s>|the| |é1|é2=>é1|é2"));
    }

    @ParameterizedTest
    @MethodSource("continuations")
    void scoresAContinuation(String context, String continuation, String plain, String withBos) throws UnscorableRow {
        assertThat(PieceEncoder.render(rules(false, LONGEST).continuation(context, continuation)))
                .isEqualTo(plain);
        assertThat(PieceEncoder.render(rules(true, LONGEST).continuation(context, continuation)))
                .isEqualTo(withBos);
    }

    static Stream<Arguments> longContinuations() {
        return Stream.of(
                // longest + 1 tokens are all used: the last one is not fed
                Arguments.of("abc", "d", 3, "ab|c=>d"),
                Arguments.of("cde", "f", 3, "c|d|e=>f"),
                Arguments.of("bcde", "f", 3, "cut: c|d|e=>f"),
                Arguments.of("cdefgh", "b", 2, "cut: g|h=>b"),
                // a continuation as long as the model keeps one token before it
                Arguments.of("bc", "def", 3, "cut: c=>d|e|f"),
                Arguments.of("c", "def", 3, "c=>d|e|f"),
                Arguments.of("", "cde", 3, "<s>=>c|d|e"),
                Arguments.of("b", "c", 1, "b=>c"),
                Arguments.of("ab b", "c", 1, "cut: b=>c"));
    }

    @ParameterizedTest
    @MethodSource("longContinuations")
    void cutsALongContextOnItsLeft(String context, String continuation, int longest, String expected)
            throws UnscorableRow {
        assertThat(PieceEncoder.render(rules(false, longest).continuation(context, continuation)))
                .isEqualTo(expected);
    }

    static Stream<Arguments> withoutAnswer() {
        return Stream.of(
                Arguments.of("the", "", 8, "no token of its own"),
                Arguments.of("", "", 8, "no token of its own"),
                // ab is one token, as many as a has
                Arguments.of("a", "b", 8, "no token of its own"),
                // aab is one token, and aa by itself two
                Arguments.of("aa", "bc", 8, "no token of its own"),
                Arguments.of("a", "cdef", 3, "more tokens than the model takes"),
                Arguments.of("", "cdef", 3, "more tokens than the model takes"));
    }

    @ParameterizedTest
    @MethodSource("withoutAnswer")
    void refusesWhereTheHarnessStops(String context, String continuation, int longest, String reason) {
        assertThatThrownBy(() -> rules(false, longest).continuation(context, continuation))
                .isInstanceOf(UnscorableRow.class)
                .hasMessageContaining(reason);
    }

    static Stream<Arguments> texts() {
        return Stream.of(
                Arguments.of("the cat", 8, "<s>=>the| cat"),
                Arguments.of(" ", 8, "<s>=> "),
                Arguments.of("", 8, ""),
                Arguments.of("cde", 3, "<s>=>c|d|e"),
                Arguments.of("cdef", 3, "cut: <s>=>c|d|e"));
    }

    @ParameterizedTest
    @MethodSource("texts")
    void scoresATextBehindThePrefix(String text, int longest, String expected) {
        assertThat(PieceEncoder.render(rules(true, longest).text(text))).isEqualTo(expected);
        assertThat(PieceEncoder.render(rules(false, longest).text(text))).isEqualTo(expected);
    }

    static Stream<Arguments> documents() {
        return Stream.of(
                Arguments.of("", 3, ""),
                Arguments.of("c", 3, "<s>=>c"),
                Arguments.of("cde", 3, "<s>=>c|d|e"),
                // the last window is as long as the model takes, and scores what is left
                Arguments.of("cdef", 3, "<s>=>c|d|e & c|d|e=>f"),
                Arguments.of("cdefgh", 3, "<s>=>c|d|e & e=>f|g|h"),
                Arguments.of("cdefghab", 3, "<s>=>c|d|e & e=>f|g|h & f|g|h=>ab"),
                Arguments.of("cdefghb c", 3, "<s>=>c|d|e & e=>f|g|h & h=>b| |c"),
                Arguments.of("cde", 1, "<s>=>c & c=>d & d=>e"));
    }

    @ParameterizedTest
    @MethodSource("documents")
    void rollsOverADocument(String document, int longest, String expected) {
        assertThat(PieceEncoder.render(rules(false, longest).rolling(document))).isEqualTo(expected);
    }

    /** The tokenizer's own BOS is a token of the document there, and the prefix stands before it. */
    @Test
    void scoresTheBosOfADocument() {
        assertThat(PieceEncoder.render(rules(true, 8).rolling("the cat"))).isEqualTo("<s>=><s>|the| cat");
        LikelihoodRules before = new LikelihoodRules(new PieceEncoder(true), PieceEncoder.PREFIX, 8, false);
        assertThat(PieceEncoder.render(before.rolling("the cat"))).isEqualTo("<s>=>the| cat");
    }

    @Test
    void putsNoBosBeforeContextsWhereNoneIsAskedFor() throws UnscorableRow {
        LikelihoodRules before = new LikelihoodRules(new PieceEncoder(true), PieceEncoder.PREFIX, 8, false);
        assertThat(PieceEncoder.render(before.continuation("the", " cat"))).isEqualTo("the=> cat");
    }

    @Test
    void takesReadyTokens() throws UnscorableRow {
        LikelihoodRules rules = rules(true, 3);
        assertThat(PieceEncoder.render(rules.text(PieceEncoder.ids("the", "c"))))
                .isEqualTo("<s>=>the|c");
        assertThat(PieceEncoder.render(rules.text(PieceEncoder.ids("<s>", "the", "c"))))
                .isEqualTo("<s>=>the|c");
        assertThat(PieceEncoder.render(rules.text(PieceEncoder.ids("<s>", "a", "b", "c", "d"))))
                .isEqualTo("cut: <s>=>a|b|c");
        assertThat(PieceEncoder.render(rules.text(PieceEncoder.ids("<s>")))).isEmpty();
        assertThat(PieceEncoder.render(rules.continuation(PieceEncoder.ids("a", "b"), PieceEncoder.ids("c"))))
                .isEqualTo("a|b=>c");
        assertThat(PieceEncoder.render(rules.continuation(PieceEncoder.ids(), PieceEncoder.ids("<s>", "c"))))
                .isEqualTo("<s>=>c");
        assertThat(PieceEncoder.render(rules.rolling(PieceEncoder.ids("<s>", "c"))))
                .isEqualTo("<s>=><s>|c");
        assertThatThrownBy(() -> rules.continuation(PieceEncoder.ids(), PieceEncoder.ids("<s>")))
                .isInstanceOf(UnscorableRow.class);
    }

    @Test
    void saysWhatIsFedAndWhatIsScored() throws UnscorableRow {
        ScoredRow row = rules(true, 8).continuation("the", " cat the");
        ScoredTokens part = row.parts().get(0);
        assertThat(row.tokens()).isEqualTo(2);
        assertThat(row.fed()).isEqualTo(3);
        assertThat(part.fed()).isEqualTo(PieceEncoder.ids("<s>", "the", " cat"));
        assertThat(List.of(part.target(0), part.target(1)))
                .containsExactly(PieceEncoder.ids(" cat")[0], PieceEncoder.ids(" the")[0]);
        assertThat(List.of(part.position(0), part.position(1))).containsExactly(1, 2);
    }

    private static LikelihoodRules rules(boolean bos, int longest) {
        return new LikelihoodRules(new PieceEncoder(bos), PieceEncoder.PREFIX, longest, true);
    }
}
