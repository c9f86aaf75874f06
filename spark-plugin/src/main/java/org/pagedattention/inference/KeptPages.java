package org.pagedattention.inference;

import org.pagedattention.backend.KeptTokens;

/** Tokens that a pass has left, given back when the last of those who use them lets go. For one thread. */
final class KeptPages {
    private final KeptTokens kept;
    private int users = 1;

    /** Used by whoever makes it. */
    KeptPages(KeptTokens kept) {
        this.kept = kept;
    }

    KeptTokens kept() {
        return kept;
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
