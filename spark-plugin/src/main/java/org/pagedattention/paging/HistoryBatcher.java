package org.pagedattention.paging;

/**
 * Fills batches with queries of histories, keys and values that take room once however many rows ask them. Queries come
 * history after history; how many are still to come nobody knows, so a batch is shared out as histories so far had queries,
 * and begins none whose usual number of them would not fit.
 */
public final class HistoryBatcher {
    /** Of the bytes of a batch, for queries and their output: a history far larger than the budget has room for some too. */
    private static final double LEAST_SHARE = 1.0 / 8;

    private static final double FIRST_SHARE = 1.0 / 2;

    private static final int MOST_TOKENS = 1 << 30;

    /** Histories have more queries than usual as often as fewer. */
    private static final double SPARE = 1.25;

    private final BatchLimits limits;
    private final int mostRows;
    private final int slotUnit;
    private final long queryTokenBytes;
    private final long kvTokenBytes;
    private long histories;
    private long rows;
    private long queryTokens;
    private long slots;

    /**
     * @param mostRows rows of a batch
     * @param layout how pages lie in the containers
     * @param pageSize tokens of a page
     * @param queryTokenBytes bytes of one token of Q and O together
     * @param kvTokenBytes bytes of one token of K and V together
     */
    public HistoryBatcher(
            BatchLimits limits,
            int mostRows,
            PageLayout layout,
            int pageSize,
            long queryTokenBytes,
            long kvTokenBytes) {
        this.limits = limits;
        this.mostRows = mostRows;
        this.slotUnit = layout == PageLayout.PACKED ? 1 : pageSize;
        this.queryTokenBytes = queryTokenBytes;
        this.kvTokenBytes = kvTokenBytes;
    }

    /** Room for a batch that begins with such a row, which it takes whatever its size. */
    public Room open(SequenceLengths first) {
        double share = queryShare();
        return new Room(
                atLeast(first.queryTokens(), share * limits.maxBytes() / queryTokenBytes),
                atLeast(slots(first.kvTokens()), (1 - share) * limits.maxBytes() / kvTokenBytes),
                true);
    }

    /**
     * Room for certain rows and no others.
     *
     * @param queries tokens of all of them
     * @param historyTokens tokens of each of their histories
     */
    public Room exactly(int queries, int... historyTokens) {
        int all = 0;
        for (int tokens : historyTokens) {
            all = Math.addExact(all, slots(tokens));
        }
        return new Room(queries, all, false);
    }

    private double queryShare() {
        if (histories == 0) {
            return FIRST_SHARE;
        }
        double queries = SPARE * queryTokens * queryTokenBytes;
        double share = queries / Math.max(1, queries + (double) slots * kvTokenBytes);
        return Math.max(LEAST_SHARE, Math.min(1 - LEAST_SHARE, share));
    }

    private int slots(int tokens) {
        return PagedBatch.pagesFor(tokens, slotUnit) * slotUnit;
    }

    private static int atLeast(int least, double tokens) {
        return (int) Math.max(least, Math.min(MOST_TOKENS, tokens));
    }

    private double usual(long sum) {
        return histories == 0 ? 0 : (double) sum / histories;
    }

    /** What is taken of a batch, and what is left. */
    public final class Room {
        private final int mostQueryTokens;
        private final int mostSlots;
        private final boolean first;
        private int rowsTaken;
        private int historiesTaken;
        private int queryTokensTaken;
        private int slotsTaken;

        /**
         * @param first whether its rows are in no batch yet, and so tell how histories are
         */
        private Room(int mostQueryTokens, int mostSlots, boolean first) {
            this.mostQueryTokens = mostQueryTokens;
            this.mostSlots = mostSlots;
            this.first = first;
        }

        /**
         * Whether a row fits beside those that are there.
         *
         * @param held whether its history is there already
         */
        public boolean takes(SequenceLengths lengths, boolean held) {
            if (rowsTaken + historiesTaken == 0) {
                return true;
            }
            boolean fits = rowsTaken < mostRows
                    && lengths.queryTokens() <= mostQueryTokens - queryTokensTaken
                    && tokens(lengths, held) <= limits.maxTokens();
            return fits && (held || takesHistory(lengths));
        }

        private boolean takesHistory(SequenceLengths lengths) {
            return slots(lengths.kvTokens()) <= mostSlots - slotsTaken
                    && historiesTaken < limits.maxSequences()
                    && rowsTaken + usual(rows) <= mostRows
                    && queryTokensTaken + usual(queryTokens) <= mostQueryTokens;
        }

        private long tokens(SequenceLengths more, boolean held) {
            long keys = (long) slotsTaken + (held ? 0 : more.kvTokens());
            return Math.max((long) queryTokensTaken + more.queryTokens(), keys);
        }

        /**
         * Takes room for a history that fits.
         *
         * @param again whether an earlier batch held it too
         */
        public void hold(int tokens, boolean again) {
            historiesTaken++;
            slotsTaken += slots(tokens);
            if (first && !again) {
                histories++;
                slots += slots(tokens);
            }
        }

        /** Takes room for a row that fits, behind its history. */
        public void add(int tokens) {
            rowsTaken++;
            queryTokensTaken += tokens;
            if (first) {
                rows++;
                queryTokens += tokens;
            }
        }

        /** Query tokens that the whole batch has room for. */
        public int mostQueryTokens() {
            return mostQueryTokens;
        }

        /** Container slots that the histories of the whole batch may take. */
        public int mostSlots() {
            return mostSlots;
        }

        /** Where the next row's queries begin, in tokens. */
        public int queryTokensTaken() {
            return queryTokensTaken;
        }

        /** Where the next history begins, in container slots. */
        public int slotsTaken() {
            return slotsTaken;
        }
    }
}
