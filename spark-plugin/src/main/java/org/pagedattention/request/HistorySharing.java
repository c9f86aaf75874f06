package org.pagedattention.request;

import org.pagedattention.attention.Mask;

/** How the rows that ask one history get at its keys and values, which a batch holds once. */
public enum HistorySharing {
    /** Their queries are those of one sequence, so that its keys and values are read once for all of them. */
    ONE_SEQUENCE("all queries of a history are one sequence"),
    /** Each row is a sequence, whose page table names the history's pages. */
    SHARED_PAGES("each row's page table names the history's pages"),
    /** Their queries attend to it as one sequence, and once more each row to keys of its own; the two are merged. */
    MERGED(
            "all queries of a prefix attend to it as one sequence, and to what their row has itself as another, merged by"
                    + " their log-sum-exp");

    private final String how;

    HistorySharing(String how) {
        this.how = how;
    }

    /** The way that goes with these options. */
    public static HistorySharing of(ScoringOptions options) {
        return reason(options).isEmpty() ? ONE_SEQUENCE : SHARED_PAGES;
    }

    /** What is done, and why, in words. */
    public static String explain(ScoringOptions options) {
        String reason = reason(options);
        return of(options).how + " (" + (reason.isEmpty() ? "without a mask every query sees every key" : reason) + ")";
    }

    /**
     * The way that goes with these options where rows have keys of their own behind those of a prefix.
     *
     * @param onDevice whether a GPU computes
     */
    public static HistorySharing ofPrefixes(ScoringOptions options, boolean onDevice) {
        return onDevice && reason(options).isEmpty() ? MERGED : SHARED_PAGES;
    }

    /** What is done with prefixes, behind which rows have keys of their own, and why, in words. */
    public static String explainPrefixes(ScoringOptions options) {
        String reason = reason(options);
        String pages = "each row's page table names the full pages of its prefix";
        return reason.isEmpty()
                ? "on a GPU " + MERGED.how + " (without a mask every query sees all of it); on the CPU " + pages
                        + " (reading keys takes little of its time, and rows get the bits that they get alone)"
                : pages + " (" + reason + ")";
    }

    /** Why rows are no part of a larger sequence; empty when they may be. */
    private static String reason(ScoringOptions options) {
        Mask mask = options.spec().mask();
        if (mask.band() != Mask.Band.NONE) {
            return "by its mask a row sees keys by its own length";
        }
        if (mask.window() > 0) {
            return "a window counts from a row's own first query";
        }
        return options.conf().gpu().deterministic()
                ? "spark.pagedAttention.gpu.deterministic keeps rows from each other"
                : "";
    }
}
