package org.pagedattention.inference;

import org.pagedattention.backend.KeptTokens;

/** Tokens that a pass has left, given back when the last of those who use them lets go. For one thread. */
final class KeptPages {
    private final KeptTokens kept;
    private final int tokens;
    private int users = 1;

    /** Used by whoever makes it, when the pass that leaves them was started. */
    KeptPages(KeptTokens kept) {
        this.kept = kept;
        tokens = kept.tokens();
    }

    KeptTokens kept() {
        return kept;
    }

    /** How many were left; 0 where there was no room. */
    int tokens() {
        return tokens;
    }

    /** Whether they had to make room for others since. */
    boolean areGone() {
        return kept.tokens() < tokens;
    }

    KeptPages use() {
        users++;
        return this;
    }

    void letGo() {
        users--;
        if (users == 0) {
            kept.close();
        }
    }
}
