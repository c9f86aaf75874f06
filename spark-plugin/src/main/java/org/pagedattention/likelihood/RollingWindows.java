package org.pagedattention.likelihood;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A document in windows of a model's length: every token is scored once, the first ones behind a prefix token, and those of
 * the last window behind as many tokens as the model takes.
 */
final class RollingWindows {
    private RollingWindows() {}

    /**
     * The windows of a document; none where it has no token.
     *
     * @param prefix stands before the first token
     * @param longest most tokens that a model is fed
     */
    static List<ScoredTokens> of(int[] document, int prefix, int longest) {
        List<ScoredTokens> windows = new ArrayList<>();
        if (document.length == 0) {
            return windows;
        }
        int done = Math.min(longest, document.length);
        windows.add(ScoredTokens.of(new int[] {prefix}, Arrays.copyOf(document, done)));
        while (done < document.length) {
            int scored = Math.min(longest, document.length - done);
            done += scored;
            windows.add(new ScoredTokens(Arrays.copyOfRange(document, done - longest - 1, done), scored));
        }
        return windows;
    }
}
