package org.pagedattention.paging;

/**
 * Fills batches with queries of histories, keys and values that take room once however many rows ask them; rows may have
 * others of their own behind these. Queries come history after history; how many are still to come nobody knows, so a batch is shared out as histories so far had queries,
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
    private long ownSlots;

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

    /**
     * Room for a batch that begins with such a row, which it takes whatever its size.
     *
     * @param first its queries, and the tokens of its history
     * @param own slots of its own; where there are any, rows to come have some too, and room for them however large the
     *     history
     */
    public Room open(SequenceLengths first, int own) {
        double share = queryShare();
        int behind = own == 0 ? 0 : atLeast(own, LEAST_SHARE * limits.maxBytes() / kvTokenBytes);
        return new Room(
                atLeast(first.queryTokens(), share * limits.maxBytes() / queryTokenBytes),
                atLeast(Math.addExact(slots(first.kvTokens()), behind), (1 - share) * limits.maxBytes() / kvTokenBytes),
                true);
    }

    /**
     * Room for certain rows and no others.
     *
     * @param queries tokens of all of them
     * @param regions tokens that lie together: of each of their histories, and of rows of their own
     */
    public Room exactly(int queries, int... regions) {
        int all = 0;
        for (int tokens : regions) {
            all = Math.addExact(all, slots(tokens));
        }
        return new Room(queries, all, false);
    }

    private double queryShare() {
        if (histories == 0) {
            return FIRST_SHARE;
        }
        double queries = SPARE * queryTokens * queryTokenBytes;
        double share = queries / Math.max(1, queries + (double) (slots + ownSlots) * kvTokenBytes);
        return Math.max(LEAST_SHARE, Math.min(1 - LEAST_SHARE, share));
    }

    /** Container slots that tokens take which lie together. */
    public int slots(int tokens) {
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
         * @param lengths its queries, and the tokens of its history
         * @param held whether its history is there already
         * @param own slots of its own
         */
        public boolean takes(SequenceLengths lengths, boolean held, int own) {
            long more = (long) own + (held ? 0 : slots(lengths.kvTokens()));
            if (lengths.queryTokens() > mostQueryTokens - queryTokensTaken || more > mostSlots - slotsTaken) {
                return false;
            }
            if (rowsTaken + historiesTaken == 0) {
                return true;
            }
            long tokens = Math.max((long) queryTokensTaken + lengths.queryTokens(), slotsTaken + more);
            return rowsTaken < mostRows && tokens <= limits.maxTokens() && (held || takesHistory(more));
        }

        private boolean takesHistory(long more) {
            return historiesTaken < limits.maxSequences()
                    && slotsTaken + more + usual(ownSlots) <= mostSlots
                    && rowsTaken + usual(rows) <= mostRows
                    && queryTokensTaken + usual(queryTokens) <= mostQueryTokens;
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

        /**
         * Takes room for a row that fits, behind its history.
         *
         * @param tokens of its queries
         * @param own slots of its own
         */
        public void add(int tokens, int own) {
            rowsTaken++;
            queryTokensTaken += tokens;
            slotsTaken += own;
            if (first) {
                rows++;
                queryTokens += tokens;
                ownSlots += own;
            }
        }

        /** Query tokens that the whole batch has room for. */
        public int mostQueryTokens() {
            return mostQueryTokens;
        }

        /** Container slots that the keys of the whole batch may take. */
        public int mostSlots() {
            return mostSlots;
        }

        /** Where the next row's queries begin, in tokens. */
        public int queryTokensTaken() {
            return queryTokensTaken;
        }

        /** Where the next history, or a row's own tokens, begin, in container slots. */
        public int slotsTaken() {
            return slotsTaken;
        }
    }
}
