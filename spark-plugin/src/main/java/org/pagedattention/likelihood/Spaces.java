package org.pagedattention.likelihood;

/** White space as Python has it, by which the harness parts words and cuts contexts. */
public final class Spaces {
    private Spaces() {}

    /** What Python's {@code str.isspace} says of a character. */
    static boolean isSpace(char c) {
        return (c >= '\t' && c <= '\r')
                || (c >= 0x1c && c <= ' ')
                || c == 0x85
                || c == 0xa0
                || c == 0x1680
                || (c >= 0x2000 && c <= 0x200a)
                || c == 0x2028
                || c == 0x2029
                || c == 0x202f
                || c == 0x205f
                || c == 0x3000;
    }

    /** How many spaces end a text. */
    static int trailing(String text) {
        int end = text.length();
        while (end > 0 && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.length() - end;
    }

    /** Words of a text, {@code len(re.split(r"\s+", text))}: one more than there are runs of spaces. */
    public static int words(String text) {
        int words = 1;
        for (int i = 0; i < text.length(); i++) {
            if (isSpace(text.charAt(i)) && (i == 0 || !isSpace(text.charAt(i - 1)))) {
                words++;
            }
        }
        return words;
    }
}
