package org.pagedattention.jobs.bench.kernel;

import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;

/**
 * A problem to time.
 *
 * @param name what is computed
 * @param lengths of its sequences
 */
record KernelCase(String name, AttentionSpec spec, List<SequenceLengths> lengths) {

    /** cuDNN's own sample of paged attention. */
    static KernelCase sample() {
        return new KernelCase(
                "b4 h12 s1024 d64 causal", spec(12, 12, 64, Mask.causal()), self(Collections.nCopies(4, 1024)));
    }

    static KernelCase longSequence() {
        return new KernelCase("b1 h64/8 s8192 d128 causal", spec(64, 8, 128, Mask.causal()), self(List.of(8192)));
    }

    static KernelCase ragged() {
        return new KernelCase(
                "16 ragged <=2048 h32/8 d128 causal", spec(32, 8, 128, Mask.causal()), self(uniform(16, 1, 2048)));
    }

    static KernelCase mixed() {
        return new KernelCase(
                "512 mixed <=4096 h8 d64 causal", spec(8, 8, 64, Mask.causal()), self(uniform(512, 1, 4096)));
    }

    static KernelCase decode() {
        List<SequenceLengths> lengths = uniform(64, 2048, 4096).stream()
                .map(keys -> new SequenceLengths(1, keys))
                .toList();
        return new KernelCase("decode 64 x 1, kv 2048..4096 h32/8 d128", spec(32, 8, 128, Mask.none()), lengths);
    }

    /** Sentences, as an encoder sees them. */
    static KernelCase shortRows() {
        return new KernelCase("3600 x 8..28 h12 d32", spec(12, 12, 32, Mask.none()), self(uniform(3600, 8, 28)));
    }

    /** Nine sequences: in 16 slots, seven are empty. */
    static KernelCase emptySlots() {
        return new KernelCase(
                "9 x s2048 h32/8 d128 causal", spec(32, 8, 128, Mask.causal()), self(Collections.nCopies(9, 2048)));
    }

    /** Each sequence padded to the longest, as a rectangle wants it. */
    KernelCase rectangle() {
        PagedBatch pages = pages(PageLayout.PACKED, 1);
        SequenceLengths longest = new SequenceLengths(pages.longestQuery(), pages.longestKv());
        return new KernelCase(name + ", padded to a rectangle", spec, Collections.nCopies(lengths.size(), longest));
    }

    PagedBatch pages(PageLayout layout, int pageSize) {
        return PagedBatch.plan(layout, pageSize, lengths);
    }

    /** Multiplications and additions on keys that queries see. */
    double operations() {
        double pairs = lengths.stream()
                .mapToDouble(one -> spec.mask().visiblePairs(one.queryTokens(), one.kvTokens()))
                .sum();
        return 2 * pairs * spec.queryHeads() * (spec.headDim() + spec.valueDim());
    }

    /** Bytes of all keys and values. */
    double kvBytes() {
        long tokens = lengths.stream().mapToLong(SequenceLengths::kvTokens).sum();
        return (double) tokens
                * (spec.keyElements() + spec.valueElements())
                * spec.type().bytes();
    }

    private static AttentionSpec spec(int queryHeads, int kvHeads, int headDim, Mask mask) {
        return new AttentionSpec(
                queryHeads, kvHeads, headDim, headDim, ElementType.FP16, mask, AttentionSpec.defaultScale(headDim));
    }

    private static List<SequenceLengths> self(List<Integer> tokens) {
        return tokens.stream().map(t -> new SequenceLengths(t, t)).toList();
    }

    private static List<Integer> uniform(int count, int from, int to) {
        Random random = new Random(42);
        return IntStream.range(0, count)
                .mapToObj(i -> i == 0 ? to : from + random.nextInt(to - from + 1))
                .toList();
    }
}
