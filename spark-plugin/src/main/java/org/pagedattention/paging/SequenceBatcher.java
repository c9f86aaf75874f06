package org.pagedattention.paging;

import java.util.List;

/**
 * Fills batches with sequences as they come, within a budget. Room for a batch is taken before its sequences are known:
 * it is shared out between queries and keys as the sequences so far were long.
 */
public final class SequenceBatcher {
    private final BatchLimits limits;
    private final int slotUnit;
    private final long queryTokenBytes;
    private final long kvTokenBytes;
    private double queryTokens;
    private double slots;

    /**
     * @param layout how pages lie in the containers
     * @param pageSize tokens of a page
     * @param queryTokenBytes bytes of one token of Q and O together
     * @param kvTokenBytes bytes of one token of K and V together
     */
    public SequenceBatcher(
            BatchLimits limits, PageLayout layout, int pageSize, long queryTokenBytes, long kvTokenBytes) {
        this.limits = limits;
        this.slotUnit = layout == PageLayout.PACKED ? 1 : pageSize;
        this.queryTokenBytes = queryTokenBytes;
        this.kvTokenBytes = kvTokenBytes;
    }

    /** Room for a batch that begins with {@code first}, which takes it whatever its size. */
    public Room open(SequenceLengths first) {
        // one token more, so that empty sequences at the start do not leave room for empty ones only
        double queries = queryTokens + first.queryTokens() + 1;
        double keys = slots + slots(first) + slotUnit;
        double times = limits.maxBytes() / (queries * queryTokenBytes + keys * kvTokenBytes);
        return new Room(
                (int) Math.max(first.queryTokens(), queries * times), (int) Math.max(slots(first), keys * times));
    }

    /** Room for these sequences and no others. */
    public Room exactly(List<SequenceLengths> sequences) {
        return new Room(
                sequences.stream().mapToInt(SequenceLengths::queryTokens).sum(),
                sequences.stream().mapToInt(this::slots).sum());
    }

    /** Container slots that a sequence takes. */
    private int slots(SequenceLengths lengths) {
        return PagedBatch.pagesFor(lengths.kvTokens(), slotUnit) * slotUnit;
    }

    /** What is taken of a batch, and what is left. */
    public final class Room {
        private final int mostQueryTokens;
        private final int mostSlots;
        private int sequences;
        private long tokens;
        private int queryTokensTaken;
        private int slotsTaken;

        private Room(int mostQueryTokens, int mostSlots) {
            this.mostQueryTokens = mostQueryTokens;
            this.mostSlots = mostSlots;
        }

        /** Whether the sequence fits beside those that are there. */
        public boolean takes(SequenceLengths lengths) {
            boolean withinLimits = limits.allows(sequences + 1, tokens + lengths.tokens());
            boolean fits = lengths.queryTokens() <= mostQueryTokens - queryTokensTaken
                    && slots(lengths) <= mostSlots - slotsTaken;
            return withinLimits && fits;
        }

        /** Takes room for a sequence that fits. */
        public void add(SequenceLengths lengths) {
            sequences++;
            tokens += lengths.tokens();
            queryTokensTaken += lengths.queryTokens();
            slotsTaken += slots(lengths);
            queryTokens += lengths.queryTokens();
            slots += slots(lengths);
        }

        /** Query tokens that the whole batch has room for. */
        public int mostQueryTokens() {
            return mostQueryTokens;
        }

        /** Container slots that the sequences of the whole batch may take. */
        public int mostSlots() {
            return mostSlots;
        }

        /** Where the next sequence's queries begin, in tokens. */
        public int queryTokensTaken() {
            return queryTokensTaken;
        }

        /** Where the next sequence's keys and values begin, in container slots. */
        public int slotsTaken() {
            return slotsTaken;
        }
    }
}
