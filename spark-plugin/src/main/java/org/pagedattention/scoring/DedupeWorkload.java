package org.pagedattention.scoring;

import java.util.Set;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.pagedattention.executor.Figure;
import org.pagedattention.paging.HistoryBatcher;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.scoring.sequences.ChainedSequence;
import org.pagedattention.scoring.sequences.Sequence;

/** Attention over rows of q, k and v, where pages that several of them begin with lie in a batch once. */
final class DedupeWorkload implements Workload<ChainedSequence> {
    private final AttentionWorkload attention;
    private final HistoryBatcher batcher;

    /** Attention over tables of q, k and v whose rows begin alike here and there. */
    record Plan(AttentionPlan attention) implements WorkloadPlan {

        @Override
        public Set<String> inputs() {
            return attention.inputs();
        }

        @Override
        public StructType results() {
            return attention.results();
        }

        @Override
        public String withoutResult(String name) {
            return attention.withoutResult(name);
        }

        @Override
        public DedupeWorkload open(int threads) {
            return new DedupeWorkload(attention.open(threads));
        }
    }

    DedupeWorkload(AttentionWorkload attention) {
        this.attention = attention;
        batcher = attention.sharingBatcher(mostRows(), 1);
    }

    AttentionWorkload attention() {
        return attention;
    }

    HistoryBatcher batcher() {
        return batcher;
    }

    @Override
    public int mostRows() {
        return attention.limits().maxSequences();
    }

    @Override
    public ChainedSequence read(InternalRow row) throws BadRow {
        return chained(attention.read(row));
    }

    ChainedSequence chained(Sequence sequence) {
        return ChainedSequence.of(sequence, attention.spec(), attention.pageSize());
    }

    @Override
    public Batch<ChainedSequence> open(ChainedSequence first) {
        // what rows to come have behind a common beginning needs some room, be it as little as one slot
        return new DedupeBatch(this, batcher.open(first.sequence().lengths(), 1));
    }

    /** For rows whose numbers are too large for a batch. */
    @Override
    public Outcome alone(ChainedSequence row) throws BadRow {
        Outcome outcome = attention.alone(row.sequence());
        SequenceLengths lengths = row.sequence().lengths();
        return new Outcome(
                outcome.results(),
                outcome.tally()
                        .add(Figure.ASKED_TOKENS, lengths.kvTokens())
                        .add(Figure.PAGES_GIVEN, row.pages())
                        .add(Figure.PAGES_HELD, row.pages()));
    }
}
