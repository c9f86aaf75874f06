package org.pagedattention.conf;

import java.util.Locale;

/** What becomes of a row that cannot be scored. */
public enum OnBadRow {
    /** It ends the job. */
    FAIL,
    /** It gets null results, and the reason in a column of its own. */
    NULL,
    /** It goes to a place of its own, with the reason. */
    QUARANTINE;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
