package org.pagedattention.executor;

import java.io.Serializable;
import java.util.List;
import org.pagedattention.paging.SequenceLengths;

/**
 * How much was scored.
 *
 * @param sequences rows
 * @param queryTokens tokens of Q
 * @param kvTokens tokens of K
 * @param batches calls of the backend
 * @param splits how often memory ran out and smaller chunks were taken
 */
public record ScoredRows(long sequences, long queryTokens, long kvTokens, long batches, long splits)
        implements Serializable {

    public static final ScoredRows NONE = new ScoredRows(0, 0, 0, 0, 0);

    public static ScoredRows of(List<SequenceLengths> lengths, int batches) {
        return new ScoredRows(
                lengths.size(),
                lengths.stream().mapToLong(SequenceLengths::queryTokens).sum(),
                lengths.stream().mapToLong(SequenceLengths::kvTokens).sum(),
                batches,
                0);
    }

    public ScoredRows plus(ScoredRows other) {
        return new ScoredRows(
                sequences + other.sequences,
                queryTokens + other.queryTokens,
                kvTokens + other.kvTokens,
                batches + other.batches,
                splits + other.splits);
    }

    public ScoredRows withSplits(long count) {
        return new ScoredRows(sequences, queryTokens, kvTokens, batches, splits + count);
    }
}
