package org.pagedattention.text;

/**
 * Where to cut a text that is far too long before it is tokenized, because the library looks at all of a text only to
 * throw most of it away: a megabyte takes seconds. A cut lies before a word. When what is left still has more tokens than
 * the model takes twice over, those that are kept are the same as of the whole text.
 */
final class TextCut {
    /** Overflowing pieces, of as many tokens as the model takes each, behind which a cut cannot be felt. */
    static final int ENOUGH = 2;

    /** Words of usual texts take this many characters a token, and less. */
    private static final int CHARACTERS_OF_TOKEN = 32;

    private final int first;
    private final boolean allowed;

    /**
     * @param longest most tokens that are kept
     * @param allowed whether the tokenizer treats words apart from each other
     */
    TextCut(int longest, boolean allowed) {
        first = (int) Math.min(Integer.MAX_VALUE, (long) longest * CHARACTERS_OF_TOKEN);
        this.allowed = allowed;
    }

    /** Where to cut first; the text's length for not at all. */
    int first(String text) {
        return allowed && text.length() > first ? boundary(text, first) : text.length();
    }

    /** Where to cut when a cut at {@code end} left too few tokens. */
    int next(String text, int end) {
        return end > text.length() / 4 ? text.length() : boundary(text, 4 * end);
    }

    /** The next start of a word behind {@code from}. */
    private static int boundary(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            if (isSpace(text.charAt(i - 1)) && Character.isLetterOrDigit(text.charAt(i))) {
                return i;
            }
        }
        return text.length();
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\n' || c == '\t' || c == '\r';
    }
}
