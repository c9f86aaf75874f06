package org.pagedattention.likelihood;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A tokenizer that one can run by hand: at each place of a text the longest piece that fits is a token.
 *
 * @param bos whether special tokens are asked for puts {@code <s>} before a text
 */
record PieceEncoder(boolean bos) implements TokenEncoder {
    static final int PREFIX = 0;

    /** The last three are the bytes of é and the start of another letter, as byte-level tokenizers cut them. */
    private static final List<String> PIECES = List.of(
            "<s>", "the", " the", "cat", " cat", " ", "  ", "a", "b", "c", "d", "e", "f", "g", "h", "ab", "aab", "\n",
            "\u00a0", "\u3000", "\u001c", "é1", "é2", "ü1", "ü2");

    @Override
    public int[] encode(String text, boolean specialTokens) {
        // letters of two bytes are two tokens
        String bytes = text.replace("é", "é1é2").replace("ü", "ü1ü2");
        IntStream.Builder ids = IntStream.builder();
        if (bos && specialTokens) {
            ids.add(PREFIX);
        }
        for (int at = 0; at < bytes.length(); ) {
            int begin = at;
            String piece = PIECES.stream()
                    .skip(1)
                    .filter(each -> bytes.startsWith(each, begin))
                    .max(Comparator.comparingInt(String::length))
                    .orElseThrow();
            ids.add(PIECES.indexOf(piece));
            at += piece.length();
        }
        return ids.build().toArray();
    }

    /** Ids of pieces. */
    static int[] ids(String... pieces) {
        return Arrays.stream(pieces).mapToInt(PIECES::indexOf).toArray();
    }

    /** What is scored of a row, such as {@code <s>|the => cat}, with a word in front where the row was cut. */
    static String render(ScoredRow row) {
        return (row.truncated() ? "cut: " : "")
                + row.parts().stream().map(PieceEncoder::render).collect(Collectors.joining(" & "));
    }

    private static String render(ScoredTokens part) {
        int split = part.tokens().length - part.scored();
        return join(Arrays.copyOf(part.tokens(), split)) + "=>"
                + join(Arrays.copyOfRange(part.tokens(), split, part.tokens().length));
    }

    private static String join(int[] ids) {
        return Arrays.stream(ids).mapToObj(PIECES::get).collect(Collectors.joining("|"));
    }
}
